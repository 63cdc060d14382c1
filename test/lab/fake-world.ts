// A machine in memory: files that are only remembered, programs that answer as the test says, and a list of all that was run.

import type { LabEvent, LabWorld } from '../../src/lab/driver.ts';
import { Failure } from '../../src/ports/failure.ts';

export interface FakeWorld extends LabWorld {
  contents: Map<string, string>;
  commands: string[];
  inputs: string[];
  events: LabEvent[];
  report(event: LabEvent): void;
}

type Answer = { exitCode?: number; stdout?: string; stderr?: string } | Failure | undefined;

/** `answer` is asked for every command line; undefined is exit code 0 without output. */
export function fakeWorld(answer: (line: string) => Answer = () => undefined, given: Partial<LabWorld> = {}): FakeWorld {
  const contents = new Map<string, string>();
  const commands: string[] = [];
  const inputs: string[] = [];
  const events: LabEvent[] = [];
  const below = (path: string) => [...contents.keys()].filter((name) => name.startsWith(`${path}/`));
  return {
    contents,
    commands,
    inputs,
    events,
    report: (event) => void events.push(event),
    env: {},
    platform: 'linux',
    arch: 'x64',
    root: true,
    resources: '/kubesim',
    clock: {
      now: () => 0,
      monotonic: () => 0,
      sleep: (_, signal) => new Promise((_resolve, reject) => signal?.addEventListener('abort', reject)),
    },
    process: {
      async run(command, { input, onLine } = {}) {
        const line = command.join(' ');
        commands.push(line);
        if (input !== undefined) inputs.push(input);
        const { exitCode = 0, stdout = '', stderr = '' } = throwFailure(answer(line)) ?? {};
        for (const text of `${stdout}${stderr}`.split('\n')) onLine?.(text);
        return { exitCode, stdout, stderr };
      },
      start: async () => 1,
      isAlive: () => false,
      kill: () => {},
    },
    files: {
      async read(path) {
        const text = contents.get(path);
        if (text === undefined) throw new Failure('not-found', `"${path}" does not exist`);
        return text;
      },
      write: async (path, text) => void contents.set(path, text),
      exists: async (path) => contents.has(path) || below(path).length > 0,
      list: async (path) => [...new Set(below(path).map((name) => name.slice(path.length + 1).split('/')[0] ?? ''))].sort(),
      makeFolder: async () => {},
      remove: async (path) => {
        for (const name of [path, ...below(path)]) contents.delete(name);
      },
      copy: async (from, to) => void contents.set(to, contents.get(from) ?? ''),
      link: async (target, path) => void contents.set(path, target),
      digest: async (paths) => `digest of ${paths.join(' ')}`,
      lock: async () => ({ release: async () => {} }),
    },
    ...given,
  };
}

function throwFailure<T>(answer: T | Failure): T {
  if (answer instanceof Failure) throw answer;
  return answer;
}
