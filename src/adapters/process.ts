// Programs on this machine: run to their end with execa, or started to outlive this process.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import process, { platform, kill as sendSignal } from 'node:process';
import { Failure } from '../ports/failure.ts';
import type { ProcessRunner } from '../ports/process.ts';

/** Kept of each stream; a program that writes more is ended rather than let fill the memory. */
const OUTPUT_LIMIT = 64 * 1024 * 1024;

/** Programs by execa, without a shell; what a program has started itself ends with it on timeout and interrupt. */
export function processRunner(): ProcessRunner {
  return {
    async run(command, options = {}) {
      const [program, ...args] = command;
      const { input, cwd, env, environment, timeout, signal, onLine } = options;
      if (signal?.aborted) throw interrupted(program, signal);
      // Loaded when the first program is run: it takes longer than most commands.
      const { execa } = await import('execa');
      const child = execa(program, args, {
        ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
        ...(cwd === undefined ? {} : { cwd }),
        env: { ...environment, ...env },
        extendEnv: environment === undefined,
        ...(timeout === undefined ? {} : { timeout }),
        ...(signal === undefined ? {} : { cancelSignal: signal }),
        reject: false,
        stripFinalNewline: false,
        killDescendants: true,
        maxBuffer: OUTPUT_LIMIT,
      });
      const ends = onLine === undefined ? [] : [eachLine(child.stdout, onLine), eachLine(child.stderr, onLine)];
      const result = await child;
      for (const end of ends) end();
      if (result.isCanceled && signal !== undefined) throw interrupted(program, signal);
      if (result.timedOut) throw new Failure('timeout', `"${program}" did not end within ${timeout} ms`);
      if (result.isMaxBuffer) throw new Failure('internal', `"${program}" wrote more than ${OUTPUT_LIMIT} bytes`);
      if (result.exitCode === undefined && result.signal === undefined)
        throw notStarted(program, result.code, result.originalMessage, result.cause);
      // As shells count a death by signal.
      const exitCode = result.exitCode ?? 128 + (constants.signals[result.signal as NodeJS.Signals] ?? 0);
      return { exitCode, stdout: result.stdout ?? '', stderr: result.stderr ?? '' };
    },
    async start(command, { log, cwd, env }) {
      const [program, ...args] = command;
      const output = openLog(log);
      try {
        const child = spawn(program, args, {
          // A session of its own: no terminal's signals, and alive when this process ends.
          detached: true,
          stdio: ['ignore', output, output],
          ...(cwd === undefined ? {} : { cwd }),
          ...(env === undefined ? {} : { env: { ...process.env, ...env } }),
        });
        return await new Promise<number>((resolve, reject) => {
          child.once('error', (error: NodeJS.ErrnoException) => reject(notStarted(program, error.code, error.message, error)));
          child.once('spawn', () => {
            child.unref();
            resolve(child.pid as number);
          });
        });
      } finally {
        closeSync(output);
      }
    },
    isAlive,
    kill(pid, signal = 'SIGTERM') {
      try {
        sendSignal(pid, signal);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    },
  };
}

/** Whether a process runs; one that has ended and waits for its parent to notice does not. */
export function isAlive(pid: number): boolean {
  try {
    sendSignal(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return platform !== 'linux' || !/^[ZX]/.test(statOf(pid)?.[0] ?? '');
}

/** Fields of /proc/PID/stat from the third (state) on; undefined where the process is gone. */
export function statOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses, which may hold anything.
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

function openLog(path: string): number {
  try {
    mkdirSync(dirname(path), { recursive: true });
    return openSync(path, 'a', 0o600);
  } catch (cause) {
    throw new Failure('storage', `cannot write "${path}": ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/** Calls `onLine` for every line of a stream; the returned function tells a last one that has no newline. */
function eachLine(stream: NodeJS.ReadableStream, onLine: (line: string) => void): () => void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  return () => {
    if (rest !== '') onLine(rest);
    rest = '';
  };
}

function interrupted(program: string, signal: AbortSignal): Failure {
  return new Failure('interrupted', `"${program}" was interrupted`, { cause: signal.reason });
}

function notStarted(program: string, code: string | undefined, message: string | undefined, cause: unknown): Failure {
  const why = code === 'ENOENT' ? 'there is no such program' : (message ?? 'unknown reason');
  return new Failure('command-not-found', `"${program}" cannot be started: ${why}`, { cause });
}
