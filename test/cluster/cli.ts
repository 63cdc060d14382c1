// The command line as a user runs it, in a process of its own, against the lab.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath, env as ownEnvironment } from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

export const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Started {
  finished: Promise<Finished>;
  /** Resolves when the text stands in one of its streams; gives the first group of an expression, else what it found. */
  saw(wanted: string | RegExp): Promise<string>;
  signal(name: NodeJS.Signals): void;
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder for run logs, or other files, that nobody else uses; gone after the tests of the file that asked for it. */
export function newState(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kubesim-test-'));
  folders.push(folder);
  return folder;
}

/** Starts `sim` with arguments; no terminal is attached. */
export function start(args: readonly string[], env: Record<string, string | undefined> = {}): Started {
  const child = spawn(execPath, [join(root, 'bin/sim.js'), ...args], {
    cwd: root,
    env: { ...ownEnvironment, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const waiting = new Set<() => void>();
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    for (const check of waiting) check();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    for (const check of waiting) check();
  });
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return {
    finished,
    signal: (name) => void child.kill(name),
    saw: (wanted) =>
      new Promise((resolve, reject) => {
        const find = (text: string) => {
          if (typeof wanted === 'string') return text.includes(wanted) ? wanted : undefined;
          const match = wanted.exec(text);
          return match?.[1] ?? match?.[0];
        };
        const check = () => {
          const found = find(stdout) ?? find(stderr);
          if (found === undefined) return;
          waiting.delete(check);
          resolve(found);
        };
        waiting.add(check);
        check();
        void finished.then(() => reject(new Error(`it ended before it said "${wanted}":\n${stdout}\n${stderr}`)));
      }),
  };
}

export const sim = (args: readonly string[], env?: Record<string, string | undefined>): Promise<Finished> => start(args, env).finished;

/** Every run log below a state folder, as one text. */
export const logsIn = (state: string): string =>
  readdirSync(join(state, 'runs'))
    .map((id) => readFileSync(join(state, 'runs', id, 'events.jsonl'), 'utf8'))
    .join('');
