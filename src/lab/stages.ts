// Runs the stages of a lab, each as soon as those before it are done, and tells how they go.
import type { Clock } from '../ports/clock.ts';
import { Failure } from '../ports/failure.ts';
import type { CommandResult, ProcessRunner } from '../ports/process.ts';
import type { Report } from './driver.ts';

const TICK = 15_000;
const KEPT_LINES = 15;

export interface StageContext {
  signal: AbortSignal;
  /** Tells the user one line, for example what will be installed. */
  say(text: string): void;
  /** Runs a program to its end; any exit code but 0 fails the stage, with its last lines. */
  exec(command: [string, ...string[]], options?: { cwd?: string; env?: Record<string, string>; input?: string }): Promise<CommandResult>;
}

export interface Stage {
  name: string;
  after: string[];
  /** Runs its programs, where it is not what runs those of the other stages. */
  process?: ProcessRunner;
  /** Returns a note for the line that ends it, such as "cached". */
  run(context: StageContext): Promise<string | undefined>;
}

/** All stages, or a Failure of the first that failed: then the others are ended, and waited for, first. */
export async function runStages(
  stages: readonly Stage[],
  world: { clock: Clock; process: ProcessRunner },
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const begin = world.clock.monotonic();
  const seconds = () => (world.clock.monotonic() - begin) / 1000;
  const stop = new AbortController();
  const all = AbortSignal.any([signal, stop.signal]);
  const running = new Map<string, Promise<void>>();
  let first: unknown;

  const runStage = async (stage: Stage): Promise<void> => {
    for (const name of stage.after) {
      const before = running.get(name);
      if (before === undefined) throw new Error(`stage "${stage.name}" comes after "${name}", which is not before it in the list`);
      await before;
    }
    if (all.aborted) throw new Failure('interrupted', 'interrupted', { cause: all.reason });
    const started = seconds();
    report({ type: 'start', stage: stage.name, seconds: started });
    const last: string[] = [];
    const done = new AbortController();
    void tick(world.clock, done.signal, () => {
      report({ type: 'tick', stage: stage.name, seconds: seconds(), took: seconds() - started, line: last.at(-1) ?? '' });
    });
    try {
      const note = await stage.run(
        contextOf(stage.name, stage.process ?? world.process, all, last, (text) => {
          report({ type: 'note', stage: stage.name, seconds: seconds(), text });
        }),
      );
      report({ type: 'end', stage: stage.name, seconds: seconds(), took: seconds() - started, note: note ?? '' });
    } finally {
      done.abort();
    }
  };

  for (const stage of stages) {
    const promise = runStage(stage).catch((error: unknown) => {
      first ??= error;
      stop.abort(error);
      throw error;
    });
    running.set(stage.name, promise);
  }
  await Promise.allSettled(running.values());
  if (signal.aborted) throw new Failure('interrupted', 'the lab was interrupted', { cause: signal.reason });
  if (first !== undefined) throw first;
}

async function tick(clock: Clock, signal: AbortSignal, tell: () => void): Promise<void> {
  try {
    for (;;) {
      await clock.sleep(TICK, signal);
      tell();
    }
  } catch {
    // The stage has ended.
  }
}

function contextOf(stage: string, process: ProcessRunner, signal: AbortSignal, last: string[], say: (text: string) => void): StageContext {
  return {
    signal,
    say,
    async exec(command, options = {}) {
      last.length = 0;
      const onLine = (line: string) => {
        if (line.trim() === '') return;
        last.push(line);
        if (last.length > KEPT_LINES) last.shift();
      };
      const result = await process.run(command, { ...options, signal, onLine }).catch((error: unknown) => {
        if (error instanceof Failure && error.code === 'command-not-found') throw stageFailure(stage, command, error.message, []);
        throw error;
      });
      if (result.exitCode !== 0) throw stageFailure(stage, command, `exit code ${result.exitCode}`, last);
      return result;
    },
  };
}

/** The failure of a stage: what was run, why it failed, and the last lines of its output or log. */
export function stageFailure(stage: string, command: readonly string[], why: string, lines: readonly string[]): Failure {
  const shown = lines.slice(-KEPT_LINES).map((line) => `\n  | ${line.slice(0, 300)}`);
  const line = command.join(' ');
  return new Failure(
    'internal',
    `stage "${stage}" failed: ${why}\n  command: ${line.length > 600 ? `${line.slice(0, 600)} ...` : line}${shown.join('')}`,
    { hint: 'What was finished is kept: `sim lab up` goes on from there, `sim lab down` removes it.' },
  );
}
