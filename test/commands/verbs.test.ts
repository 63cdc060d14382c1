import { expect, test } from 'vitest';
import { runProgram } from '../../src/commands/program.ts';
import type { Session } from '../../src/commands/session.ts';
import { verbs, verbsOf } from '../../src/commands/verbs.ts';

async function sim(...argv: string[]) {
  const result = { code: 0, stdout: '', stderr: '' };
  const session: Session = {
    env: {},
    stdout: (text) => {
      result.stdout += text;
    },
    stderr: (text) => {
      result.stderr += text;
    },
    readStdin: async () => new Uint8Array(),
    interactive: false,
    colour: false,
    errorColour: false,
    interrupt: new AbortController().signal,
    abandon: new AbortController().signal,
    setExitCode: (code) => {
      result.code = code;
    },
  };
  await runProgram(argv, session);
  return result;
}

test('help shows every verb, in the order of the list', async () => {
  const { code, stdout } = await sim('--help');
  expect(code).toBe(0);
  expect([...stdout.matchAll(/^ {2}([a-z]+)(?: \[| {2})/gm)].map(([, name]) => name)).toEqual([...Object.keys(verbs), 'help']);
});

test.each(Object.keys(verbs))('`sim %s --help` and `sim help` say the same', async (name) => {
  const { code, stdout } = await sim(name, '--help');
  expect(code).toBe(0);
  expect(stdout).toMatch(new RegExp(`^Usage: sim ${name}\\b`));
  expect((await sim('help', name)).stdout).toBe(stdout);
});

test('a misspelt verb is told the right one', async () => {
  expect(await sim('lnt', 'run')).toEqual({
    code: 2,
    stdout: '',
    stderr: "sim: unknown command 'lnt'\n(Did you mean lint?)\n(see sim --help)\n",
  });
});

test.each([
  [['lint', 'run'], ['lint']],
  [['help', 'run'], ['run']],
  [['--help', 'lint'], ['lint']],
  [['--version'], []],
  [['help'], Object.keys(verbs)],
  [['constructor'], Object.keys(verbs)],
  [[], Object.keys(verbs)],
])('%j loads %j', (argv, names) => expect(verbsOf(argv)).toEqual(names));
