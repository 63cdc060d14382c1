// The step `script`: the script, its arguments, environment and input arrive as they are, whatever runs it. This machine stands for the pod.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { platform } from 'node:process';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Cluster } from '../../src/ports/cluster.ts';
import { exec } from '../../src/steps/exec.ts';
import { script } from '../../src/steps/script.ts';
import { runStep, stepBench, until } from './context.ts';

/** Runs what the step asks for here, by `shell` where it asks for sh. */
function execHere(shell: string): Cluster['exec'] {
  return (_, command, { stdin, signal }) =>
    new Promise((resolve, reject) => {
      const [program = '', ...args] = command.map((word, index) => (word === 'sh' && command[index + 1] === '-c' ? shell : word));
      const child = spawn(program, args);
      const result = { stdout: '', stderr: '', truncated: false };
      child.stdout.setEncoding('utf8').on('data', (data) => (result.stdout += data));
      child.stderr.setEncoding('utf8').on('data', (data) => (result.stderr += data));
      child.stdin.on('error', () => undefined);
      child.stdin.end(stdin);
      child.on('error', reject);
      child.on('close', (exitCode) => resolve({ ...result, exitCode: exitCode ?? -1 }));
      signal.addEventListener('abort', () => reject(signal.reason));
    });
}

async function benchHere(shell = 'sh') {
  const bench = await stepBench({ pods: ['victim'] });
  const cluster: Cluster = { ...bench.cluster, exec: execHere(shell) };
  return { ...bench, context: { ...bench.context, cluster } };
}

const has = (program: string) => spawnSync(program, ['--version']).error === undefined;
/** Characters that a shell, a pipe or an old shell's own marks (bytes 81 to 88) could change. */
const AWKWARD = `a b;$HOME "c" 'd' \\n \`e\` \u00c1\u00c8\u20ac\u{1F600}\n\nlast\n`;

describe.skipIf(platform !== 'linux')('on Linux', { timeout: 30_000 }, () => {
  const languages: [interpreter: string | string[], text: string][] = [
    ['sh', 'printf "%s|" "$@" "$VALUE"; cat'],
    [['bash', '-eu'], 'printf "%s|" "$@" "$VALUE"; cat'],
    ['perl', 'print join("", map { "$_|" } @ARGV, $ENV{VALUE}), <STDIN>;'],
    [
      'python3',
      'import os, sys\nprint("".join(v + "|" for v in [*sys.argv[1:], os.environ["VALUE"]]), end="")\nprint(sys.stdin.read(), end="")',
    ],
  ];
  describe.each(languages)('%j', (interpreter, text) => {
    const [program = ''] = [interpreter].flat();
    test.skipIf(!has(program))(
      `arguments, environment and input are as given${has(program) ? '' : ` (skipped: no ${program} here)`}`,
      async () => {
        for (const shell of ['sh', 'bash']) {
          const body = { pod: 'victim', interpreter, script: text, args: [AWKWARD, 443, true], env: { VALUE: AWKWARD }, stdin: AWKWARD };
          const { outputs, mismatches } = await runStep(script, body, await benchHere(shell));
          expect(outputs).toEqual({ stdout: `${AWKWARD}|443|true|${AWKWARD}|${AWKWARD}`, stderr: '', exitCode: 0, json: null });
          expect(mismatches).toEqual([]);
        }
      },
    );
  });

  test.each(['sh', 'bash'])('a script larger than a pipe holds, and input that nobody reads: %s', async (shell) => {
    const text = `${'# \u00e4\u00f6\u00fc a line that says nothing\n'.repeat(3000)}echo "$0"; exit 3`;
    const { outputs } = await runStep(script, { pod: 'victim', script: text, stdin: 'x\n'.repeat(1000) }, await benchHere(shell));
    expect(outputs).toMatchObject({ stdout: '/dev/fd/3\n', exitCode: 3 });
  });

  test('no value becomes part of the script, and none is seen in the command', async () => {
    const commands: string[][] = [];
    const bench = await benchHere();
    const { cluster } = bench.context;
    const run = cluster.exec;
    cluster.exec = (pod, command, options) => {
      commands.push(command);
      return run(pod, command, options);
    };
    const body = { pod: 'victim', script: 'echo "$VALUE"', env: { VALUE: '$(echo spliced); `echo spliced`\nEND' } };
    expect((await runStep(script, body, bench)).outputs).toMatchObject({ stdout: '$(echo spliced); `echo spliced`\nEND\n' });
    expect(commands.flat().join(' ')).not.toContain('spliced');
  });

  test('standard input is empty where none is given, and JSON is read', async () => {
    const body = { pod: 'victim', script: 'cat; echo \'{"a": 1}\'' };
    expect((await runStep(script, body, await benchHere())).outputs).toMatchObject({ stdout: '{"a": 1}\n', json: { a: 1 } });
  });

  test('it works in the folder that it names, and says where there is none', async () => {
    const folder = realpathSync(tmpdir());
    expect((await runStep(script, { pod: 'victim', script: 'pwd', workingDirectory: folder }, await benchHere())).outputs).toMatchObject({
      stdout: `${folder}\n`,
    });
    const body = { pod: 'victim', script: 'pwd', workingDirectory: '/no/such/folder', expect: { exitCode: 125 } };
    await expect(runStep(script, body, await benchHere())).rejects.toMatchObject({
      code: 'not-found',
      message: 'the folder /no/such/folder cannot be entered in sim-k3x9/victim',
    });
  });

  test('an interpreter that the pod does not have is command-not-found', async () => {
    await expect(
      runStep(script, { pod: 'victim', interpreter: ['no-such-ruby', '-w'], script: 'x' }, await benchHere()),
    ).rejects.toMatchObject({
      code: 'command-not-found',
      message: '"no-such-ruby" does not exist in sim-k3x9/victim',
    });
  });

  test('what differs is told as exec tells it', async () => {
    const body = { pod: 'victim', script: 'echo no >&2; exit 2', expect: { stdout: { contains: 'x' } } };
    expect((await runStep(script, body, await benchHere())).mismatches).toEqual([
      'exitCode: expected to equal `0`, but got `2`',
      'stdout: expected to contain `x`, but got an empty text',
      'stderr: no',
    ]);
  });

  test('when its time is up, a second exec ends it', async () => {
    const bench = await benchHere();
    const file = join(mkdtempSync(join(tmpdir(), 'kubesim-test-')), 'started');
    onTestFinished(() => rmSync(dirname(file), { recursive: true }));
    const running = runStep(script, { pod: 'victim', script: 'touch "$1"; sleep 900 & wait', args: [file] }, bench);
    running.catch(() => undefined);
    await until(() => existsSync(file));
    bench.abort();
    await expect(running).rejects.toMatchObject({ code: 'timeout' });
    expect(bench.notes).toEqual([expect.stringMatching(/^ended by a second exec: [1-9] process(es)?$/)]);
  });
});

test('the plan tells how long the script is and what runs it; the rights are those of exec', () => {
  expect(script.plan({ pod: 'victim', script: 'a\nb\n' })).toBe('in victim, run a script of 2 lines with sh');
  expect(script.plan({ pod: 'victim', interpreter: ['bash', '-eu'], script: 'a' })).toBe('in victim, run a script of 1 line with bash -eu');
  expect(script.permissions?.({})).toEqual(exec.permissions?.({}));
});

test('a NUL is refused before anything runs', async () => {
  const bench = await stepBench({ pods: ['victim'] });
  await expect(runStep(script, { pod: 'victim', script: 'x', env: { A: 'a\0b' } }, bench)).rejects.toMatchObject({ code: 'invalid' });
  expect(bench.cluster.calls).toEqual([]);
});
