import { expect, test } from 'vitest';
import { lintCommand } from '../../src/commands/lint.ts';
import { Failure } from '../../src/ports/failure.ts';
import { playbookOf, stepTypes } from '../fakes/step-types.ts';

const good = playbookOf('  - install: {chart: x}\n');
const contents: Record<string, string> = {
  'sample.yaml': good,
  'bad.yaml': good.replace('name: sample', 'name: bad').replace('chart:', 'chrat:'),
  'other.yaml': good,
};

/** Runs `sim lint` over files in memory. */
async function runLint(args: string[], stdin = ''): Promise<{ code: number; stdout: string; stderr: string }> {
  const result = { code: 0, stdout: '', stderr: '' };
  const command = lintCommand({
    files: {
      list: async () => [],
      read: async (path) => contents[path] ?? Promise.reject(new Failure('not-found', `${path} does not exist`)),
    },
    steps: stepTypes,
    catalogue: async () => ['network-scanning-tool'],
    readStdin: async () => stdin,
    stdout: (text) => {
      result.stdout += text;
    },
    stderr: (text) => {
      result.stderr += text;
    },
    colour: false,
    setExitCode: (code) => {
      result.code = code;
    },
  });
  await command.exitOverride().parseAsync(args, { from: 'user' });
  return result;
}

test('a clean playbook: exit 0, nothing on stdout', async () => {
  expect(await runLint(['sample.yaml'])).toEqual({ code: 0, stdout: '', stderr: 'no findings in 1 file\n' });
});

test('findings: exit 1, place and underline', async () => {
  const { code, stdout, stderr } = await runLint(['sample.yaml', 'bad.yaml']);
  expect(code).toBe(1);
  expect(stdout).toContain(
    'bad.yaml:5:15: error: unknown key `chrat` in `install` [unknown-key]\n  5 |   - install: {chrat: x}\n    |               ^~~~~\n',
  );
  expect(stderr).toBe('2 errors in 2 files\n');
});

test('a warning alone is a finding', async () => {
  const { code, stdout } = await runLint(['other.yaml']);
  expect(code).toBe(1);
  expect(stdout).toContain('warning: the name is `sample`, but the file is called `other` [name-not-filename]');
});

test('JSON holds the findings and nothing else is on stdout', async () => {
  const { code, stdout, stderr } = await runLint(['-o', 'json', 'bad.yaml']);
  expect(code).toBe(1);
  expect(stderr).toBe('');
  const { version, findings } = JSON.parse(stdout) as { version: number; findings: object[] };
  expect(version).toBe(1);
  expect(findings[0]).toMatchObject({ file: 'bad.yaml', line: 5, column: 5, severity: 'error', rule: 'missing-key' });
});

test('- reads standard input', async () => {
  expect((await runLint(['-'], good)).code).toBe(0);
  expect((await runLint(['-'], 'a: 1')).stdout).toContain('-:1:1: error:');
});

test('a file that cannot be read: exit 2, and the others are still checked', async () => {
  const { code, stdout, stderr } = await runLint(['gone.yaml', 'bad.yaml']);
  expect(code).toBe(2);
  expect(stderr).toContain('sim lint: gone.yaml does not exist\n');
  expect(stdout).toContain('bad.yaml:5:15');
});
