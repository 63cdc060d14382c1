// The step `exec`: arguments as they are, outputs, what counts as done, and how a program is ended when its time is up.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { platform } from 'node:process';
import { describe, expect, test } from 'vitest';
import type { Cluster, ExecResult } from '../../src/ports/cluster.ts';
import { Failure } from '../../src/ports/failure.ts';
import { exec } from '../../src/steps/exec.ts';
import type { FakeProgram } from '../fakes/cluster.ts';
import { readyPod, runStep, type StepBench, stepBench, until } from './context.ts';

/** `env` as in a pod: it becomes the program after the assignments. */
function withEnv(bench: StepBench): StepBench {
  const { programs } = bench.cluster;
  programs.set('env', async (call) => {
    const [, name = '', ...args] = call.args;
    const program = programs.get(name);
    if (program === undefined) return { exitCode: 127, stderr: `env: '${name}': No such file or directory\n` };
    return await program({ ...call, args });
  });
  return bench;
}

const benchWithEnv = async () => withEnv(await stepBench({ pods: ['victim'] }));
const commandsOf = (bench: StepBench): string[][] => bench.cluster.calls.flatMap((call) => (call.verb === 'exec' ? [call.command] : []));
const MARK = expect.stringMatching(/^SIM_STEP=sim-k3x9-[0-9a-f]{8}$/);

test('a command runs with its arguments as they are, after a mark in its environment', async () => {
  const bench = await benchWithEnv();
  const { outputs, mismatches } = await runStep(exec, { pod: 'victim', command: ['echo', 'a b;$HOME', 443, true] }, bench);
  expect(commandsOf(bench)).toEqual([['env', MARK, 'echo', 'a b;$HOME', '443', 'true']]);
  expect(outputs).toEqual({ stdout: 'a b;$HOME 443 true\n', stderr: '', exitCode: 0, json: null });
  expect(mismatches).toEqual([]);
  expect(bench.notes).toEqual([]);
});

test('a shell text goes to sh; standard input and JSON output are passed on', async () => {
  const bench = await benchWithEnv();
  bench.cluster.programs.set('sh', ({ stdin }) => ({ stdout: stdin }));
  const { outputs } = await runStep(exec, { pod: 'victim', shell: 'cat | cat', stdin: '{"a":[1]}' }, bench);
  expect(commandsOf(bench)).toEqual([['env', MARK, 'sh', '-c', 'cat | cat']]);
  expect(outputs).toMatchObject({ json: { a: [1] } });
});

test.each([
  [{}, { exitCode: 1, stderr: 'no\n' }, ['exitCode: expected to equal `0`, but got `1`', 'stderr: no']],
  [
    { expect: { stdout: { contains: 'x' } } },
    { exitCode: 2 },
    ['exitCode: expected to equal `0`, but got `2`', 'stdout: expected to contain `x`, but got an empty text'],
  ],
  [{ expect: { exitCode: 3, stderr: 'gone' } }, { exitCode: 3, stderr: 'gone\n' }, []],
  [{ expect: { exitCode: { cel: 'value > 0' } } }, { exitCode: 0 }, ['exitCode: expected that `value > 0`, but got `0`']],
] as const)('%j against %j', async (body, result, mismatches) => {
  const bench = await benchWithEnv();
  bench.cluster.programs.set('try', () => result as Partial<ExecResult>);
  expect((await runStep(exec, { pod: 'victim', command: ['try'], ...body }, bench)).mismatches).toEqual(mismatches);
});

test.each([
  ['whole lines', `${'a'.repeat(480)} eyJhbGciOiJSUzI1NiJ9.payload-of-a-token\n${'b'.repeat(470)}\n`, 'b'.repeat(470)],
  ['lines that just fit', `first\n${'a'.repeat(249)}\n${'b'.repeat(250)}`, `${'a'.repeat(249)}\n${'b'.repeat(250)}`],
  ['a single line: its beginning', `first\neyJhbGciOiJSUzI1NiJ9.${'c'.repeat(600)}`, `eyJhbGciOiJSUzI1NiJ9.${'c'.repeat(479)}`],
])('of a long stderr the end is told, and no token without its head: %s', async (_, stderr, told) => {
  const bench = await benchWithEnv();
  bench.cluster.programs.set('try', () => ({ exitCode: 1, stderr }));
  expect((await runStep(exec, { pod: 'victim', command: ['try'] }, bench)).mismatches?.[1]).toBe(`stderr: ${told}`);
});

test('a program that the pod does not have is command-not-found, as the runtime would say it', async () => {
  const bench = await benchWithEnv();
  await expect(runStep(exec, { pod: 'victim', command: ['nmap', '-Pn'] }, bench)).rejects.toMatchObject({
    code: 'command-not-found',
    message: '"nmap" does not exist in sim-k3x9/victim',
  });
});

test.each([
  ["env: can't execute '/etc/passwd': Permission denied\n", 126, '"/etc/passwd" cannot be run: permission denied in sim-k3x9/victim'],
  ['env: exec /etc/passwd: No such file or directory\n', 127, '"/etc/passwd" does not exist in sim-k3x9/victim'],
])('what env says is understood: %j', async (stderr, exitCode, message) => {
  const bench = await stepBench({ pods: ['victim'] });
  bench.cluster.programs.set('env', () => ({ stderr, exitCode }));
  await expect(runStep(exec, { pod: 'victim', command: ['/etc/passwd'] }, bench)).rejects.toMatchObject({
    code: 'command-not-found',
    message,
  });
});

test('a shell that does not find a command is a result: its exit code says so', async () => {
  const bench = await benchWithEnv();
  bench.cluster.programs.set('sh', () => ({ stderr: 'sh: 1: nmap: not found\n', exitCode: 127 }));
  const { mismatches } = await runStep(exec, { pod: 'victim', shell: 'nmap' }, bench);
  expect(mismatches).toEqual(['exitCode: expected to equal `0`, but got `127`', 'stderr: sh: 1: nmap: not found']);
});

test('without env in the image the command runs bare, and the note says what that means', async () => {
  const bench = await stepBench({ pods: ['victim'] });
  await runStep(exec, { pod: 'victim', command: ['echo', 'x'] }, bench);
  expect(commandsOf(bench)).toEqual([
    ['env', MARK, 'echo', 'x'],
    ['echo', 'x'],
  ]);
  expect(bench.notes).toEqual([expect.stringContaining('the image has no `env`')]);
});

test('neither env nor the program: command-not-found, and no note', async () => {
  const bench = await stepBench({ pods: ['victim'] });
  await expect(runStep(exec, { pod: 'victim', command: ['nmap'] }, bench)).rejects.toMatchObject({
    code: 'command-not-found',
    message: expect.stringContaining('"nmap"'),
  });
  expect(bench.notes).toEqual([]);
});

test('the plan is one line, however long the script; permissions cover both ways in which servers ask', () => {
  expect(exec.plan({ pod: 'victim', command: ['nmap', '-p', 443] })).toBe('in victim, run nmap -p 443');
  expect(exec.plan({ pod: 'victim', shell: 'a\n  b' })).toBe('in victim, run sh -c a b');
  expect(exec.plan({ pod: 'victim', shell: 'x'.repeat(500) })).toHaveLength('in victim, run '.length + 120);
  expect(exec.permissions?.({}).map(({ verb, resource }) => `${verb} ${resource}`)).toEqual([
    'list pods',
    'create pods/exec',
    'get pods/exec',
  ]);
});

describe('when its time is up', () => {
  /** Starts `sleep`, aborts, and gives what the second exec found. */
  async function stopped(bench: StepBench, sh: FakeProgram | undefined, code: 'timeout' | 'interrupted' = 'timeout') {
    if (sh) bench.cluster.programs.set('sh', sh);
    const running = runStep(exec, { pod: 'victim', command: ['sleep', '600'] }, bench);
    running.catch(() => undefined);
    await until(() => commandsOf(bench).at(-1)?.includes('sleep') === true);
    await until(() => true);
    bench.abort(code);
    await expect(running).rejects.toMatchObject({ code });
    return { notes: bench.notes, removed: bench.removed };
  }

  test('a second exec ends what carries the mark, and the note says how many', async () => {
    const bench = await benchWithEnv();
    const { notes, removed } = await stopped(bench, () => ({ stdout: '2\n' }));
    expect({ notes, removed }).toEqual({ notes: ['ended by a second exec: 2 processes'], removed: [] });
    const [first, second] = commandsOf(bench);
    expect(second?.slice(0, 2)).toEqual(['sh', '-c']);
    expect(`SIM_STEP=${second?.at(-1)}`).toBe(first?.[1]);
  });

  test('the same when the user stops the run', async () => {
    expect((await stopped(await benchWithEnv(), () => ({ stdout: '1\n' }), 'interrupted')).notes).toEqual([
      'ended by a second exec: 1 process',
    ]);
  });

  test.each([
    ['it ended by itself', () => ({ stdout: '0\n' }), 'the program had ended by itself: a second exec found no process of it', 0],
    ['it cannot be ended', () => ({ stdout: '1\n', exitCode: 1 }), 'the pod was deleted: a second exec could not end its program', 1],
    [
      'it cannot be seen',
      () => ({ stdout: '0\n', exitCode: 2 }),
      'the pod was deleted: a second exec could not look into all of its processes',
      1,
    ],
    ['there is no shell', undefined, 'the pod was deleted: a second exec failed ("sh" does not exist in sim-k3x9/victim)', 1],
  ] as const)('%s', async (_, sh, note, count) => {
    const { notes, removed } = await stopped(await benchWithEnv(), sh);
    expect(notes).toEqual([note]);
    expect(removed).toHaveLength(count);
  });

  test('it takes ten seconds at most, whatever hangs: a second Ctrl-C does not linger', async () => {
    const bench = withEnv(await stepBench({ pods: ['victim'], removePod: () => new Promise(() => undefined) }));
    const ended = stopped(bench, () => new Promise(() => undefined), 'interrupted');
    for (const milliseconds of [7000, 3000]) {
      await until(() => bench.sleeps.length > 0);
      expect(bench.sleeps).toMatchObject([{ milliseconds }]);
      bench.sleeps[0]?.end();
    }
    expect((await ended).notes).toEqual([
      'the program may still run in sim-k3x9/victim: a second exec failed (it took longer than 7 s), and the pod could not be deleted (it took longer than 3 s)',
    ]);
    expect(bench.sleeps).toEqual([]);
  });

  test('without env only deleting the pod is left', async () => {
    const { notes, removed } = await stopped(await stepBench({ pods: ['victim'] }), undefined);
    expect(notes).toEqual(['the pod was deleted: its image has no `env` to mark the program with']);
    expect(removed).toEqual([{ namespace: 'sim-k3x9', name: 'victim' }]);
  });

  test('where nothing helps, the note says that it may still run', async () => {
    const removePod = () => Promise.reject(new Failure('forbidden', 'no'));
    const bench = withEnv(await stepBench({ pods: ['victim'], removePod }));
    expect((await stopped(bench, undefined)).notes).toEqual([
      expect.stringMatching(/^the program may still run in sim-k3x9\/victim: .*, and the pod could not be deleted \(no\)$/),
    ]);
  });
});

// The real script against real processes: this machine stands for the pod.
describe.skipIf(platform !== 'linux')('on Linux', () => {
  const execHere =
    (shell: string): Cluster['exec'] =>
    (_, [program = '', ...args], { signal }) =>
      new Promise((resolve, reject) => {
        const isEnding = program === 'sh';
        const child = spawn(isEnding ? shell : program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
        const result = { stdout: '', stderr: '', truncated: false };
        child.stdout.on('data', (data) => (result.stdout += data));
        child.stderr.on('data', (data) => (result.stderr += data));
        child.on('error', reject);
        child.on('close', (exitCode) => resolve({ ...result, exitCode: exitCode ?? -1 }));
        // As through the API: the connection ends, the program does not.
        signal.addEventListener('abort', () => reject(signal.reason));
      });

  test.each(['sh', 'bash'])(
    '%s ends the program, its children, and what ignores TERM or left its parent',
    { timeout: 60_000 },
    async (shell) => {
      const bench = await stepBench({ pods: ['victim'] });
      const cluster = { ...bench.cluster, exec: execHere(shell) };
      const here = { ...bench, context: { ...bench.context, cluster } };
      const nap = `900.${randomUUID().replace(/\D/g, '').slice(0, 9)}`;
      // One is left by its parent, one is stubborn, and one has cleared its environment.
      const script = `(sleep ${nap} &) ; sh -c 'trap "" TERM; sleep ${nap}; sleep ${nap}' & env -i sleep ${nap}; true`;
      const running = runStep(exec, { pod: 'victim', shell: script }, here);
      running.catch(() => undefined);
      const sleepers = async () =>
        (await execHere(shell)({ namespace: '', name: '' }, ['pgrep', '-fx', `sleep ${nap}`], { signal: AbortSignal.timeout(30_000) }))
          .stdout;
      while ((await sleepers()).trim().split('\n').length < 3);
      bench.abort();
      await expect(running).rejects.toMatchObject({ code: 'timeout' });
      expect(bench.notes).toEqual([expect.stringMatching(/^ended by a second exec: [5-9] processes$/)]);
      expect(await sleepers()).toBe('');
      expect(bench.removed).toEqual([]);
    },
  );
});

describe("in a pod that is not the run's own", () => {
  const foreign = { namespace: 'shop', name: 'victim' };

  test.each([
    [
      'that did not end',
      { exitCode: 1, stdout: '2' },
      /could not end its program; it can be found there with: grep -l sim-k3x9-[0-9a-f]{8} /,
    ],
    ['whose end is not proved', { exitCode: 2, stdout: '0' }, /could not look into all of its processes; it can be found/],
  ])('a program %s is told, and the pod stays', async (_, ending, words) => {
    const bench = withEnv(await stepBench({ pod: async () => foreign }));
    bench.cluster.put({ ...readyPod('victim'), metadata: foreign });
    bench.cluster.programs.set('sh', () => ending);
    const running = runStep(exec, { pod: 'victim', command: ['sleep', '9'] }, bench);
    await until(() => commandsOf(bench).length === 1);
    bench.abort();
    await expect(running).rejects.toMatchObject({ code: 'timeout' });
    expect(bench.notes).toEqual([
      expect.stringMatching(/^the program may still run in shop\/victim, a pod that is not the run's own and stays: /),
    ]);
    expect(bench.notes[0]).toMatch(words);
    expect(bench.removed).toEqual([]);
  });
});

test('tells lint its words and its script, and nothing of what an expression decides', () => {
  expect(exec.commands?.({ command: ['nmap', '-p', 443] })).toEqual([{ path: ['command'], argv: ['nmap', '-p', '443'] }]);
  expect(exec.commands?.({ command: ['sh'], stdin: 'id' })).toEqual([
    { path: ['command'], argv: ['sh'], stdin: { path: ['stdin'], text: 'id' } },
  ]);
  expect(exec.commands?.({ shell: 'id; ls' })).toEqual([{ path: ['shell'], script: 'id; ls' }]);
  expect(exec.commands?.({ command: '${{ inputs.words }}' })).toEqual([]);
});
