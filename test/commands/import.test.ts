import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { runProgram } from '../../src/commands/program.ts';

const ATOMICS = `attack_technique: T1082
display_name: System Information Discovery
atomic_tests:
- name: Ask the kernel
  auto_generated_guid: 1f5fb5a0-0000-4000-8000-00000000000a
  supported_platforms: [linux]
  executor: {name: sh, command: uname -a}
- name: Ask the registry
  supported_platforms: [windows]
  executor: {name: command_prompt, command: reg query x}
- name: Broken
  supported_platforms: [linux]
- name: Take it all
  supported_platforms: [containers]
  executor: {name: bash, command: "rm -rf /"}
`;

let folder = '';
let file = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sim-import-'));
  file = join(folder, 'T1082.yaml');
  writeFileSync(file, ATOMICS);
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

/** Runs `sim import atomic` with files of the folder; paths in what it prints begin with `.`. */
async function importAtomic(args: string[], stdin = '') {
  const result = { code: 0, stdout: '', stderr: '' };
  const never = new AbortController().signal;
  await runProgram(['import', 'atomic', ...args], {
    env: {},
    stdout: (text) => {
      result.stdout += text;
    },
    stderr: (text) => {
      result.stderr += text;
    },
    readStdin: async () => new TextEncoder().encode(stdin),
    interactive: false,
    colour: false,
    errorColour: false,
    interrupt: never,
    abandon: never,
    setExitCode: (code) => {
      result.code = code;
    },
  });
  return { ...result, stdout: result.stdout.replaceAll(folder, '.'), stderr: result.stderr.replaceAll(folder, '.') };
}

const out = () => join(folder, 'out');

test('each test that can be is written, the others are refused with the reason', async () => {
  const { code, stdout, stderr } = await importAtomic([file, '--dir', out()]);
  expect(stderr).toBe('');
  expect(stdout).toBe(`imported test 1, Ask the kernel: ./out/t1082-1-ask-the-kernel.yaml
imported test 4, Take it all: ./out/t1082-4-take-it-all.yaml
  lint error at 39:15: \`rm -rf /\` deletes the system it runs on [dangerous-command]
refused test 2, Ask the registry: it is for windows, not for linux or containers
refused test 3, Broken: it is not as the format asks
./T1082.yaml:11:3: error: the test lacks the key \`executor\` [missing-key]
  11 | - name: Broken
     |   ^~~~

see  sim explain missing-key  docs/reference/rules/missing-key.md
2 imported, 2 refused
`);
  expect(code).toBe(0);
  expect(readdirSync(out())).toEqual(['t1082-1-ask-the-kernel.yaml', 't1082-4-take-it-all.yaml']);
});

test.each(['1', 'ask the KERNEL', '1F5FB5A0-0000-4000-8000-00000000000A'])('--test %s chooses one', async (chosen) => {
  const { code, stdout } = await importAtomic([file, '--test', chosen, '--dir', out(), '--image', 'example.org/a:1']);
  expect(stdout).toBe('imported test 1, Ask the kernel: ./out/t1082-1-ask-the-kernel.yaml\n1 imported, 0 refused\n');
  expect(readFileSync(join(out(), 't1082-1-ask-the-kernel.yaml'), 'utf8')).toContain('default: example.org/a:1');
  expect(code).toBe(0);
});

test('--output names the file, and so the playbook', async () => {
  const { code } = await importAtomic([file, '-t', '1', '-o', join(folder, 'kernel.yaml')]);
  expect(code).toBe(0);
  expect(readFileSync(join(folder, 'kernel.yaml'), 'utf8')).toContain('\n  name: kernel\n');
});

test('-o - prints the playbook, and tells of it beside', async () => {
  const { code, stdout, stderr } = await importAtomic(['-', '-t', '1', '-o', '-'], ATOMICS);
  expect(stdout).toMatch(
    /^# yaml-language-server: \$schema=schemas\/playbook\.schema\.json\n# Imported from atomic-red-team [\s\S]*script: uname -a\n/,
  );
  expect(stderr).toBe('imported test 1, Ask the kernel\n1 imported, 0 refused\n');
  expect(code).toBe(0);
});

test('nothing that could be imported: exit 1', async () => {
  expect(await importAtomic([file, '-t', '2', '--dir', out()])).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('0 imported, 1 refused'),
  });
});

test('a file that is there stays, and nothing else is written, but with --force', async () => {
  mkdirSync(out());
  writeFileSync(join(out(), 't1082-4-take-it-all.yaml'), 'mine');
  const { code, stderr } = await importAtomic([file, '--dir', out()]);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: 'sim: ./out/t1082-4-take-it-all.yaml is there already\n     overwrite it with --force\n',
  });
  expect(readdirSync(out())).toHaveLength(1);
  expect((await importAtomic([file, '--dir', out(), '--force'])).code).toBe(0);
  expect(readFileSync(join(out(), 't1082-4-take-it-all.yaml'), 'utf8')).not.toBe('mine');
});

test.each([
  [['gone.yaml'], 'there is no file gone.yaml'],
  [['FILE', '-o', 'x.yaml'], './T1082.yaml holds 4 tests, and --output names one file\n     choose one with --test'],
  [['FILE', '-t', '9'], 'there is no test `9`\n     there are 4, by number, GUID or name'],
  [['FILE', '-t', 'ask the kernl'], 'there is no test `ask the kernl`\n     did you mean `Ask the kernel`?'],
  [['FILE', '-t', '1', '-o', 'Kernel.yaml'], 'Kernel.yaml cannot be a playbook'],
  [['FILE', '-t', '1', '-o', 'kernel'], 'kernel cannot be a playbook'],
  [['OTHER'], './other.yaml is no file of atomic tests\n./other.yaml:1:1: error: the file lacks the key `attack_technique` [missing-key]'],
  [['UTF16'], './utf16.yaml is no file of atomic tests\n./utf16.yaml:1:1: error: the file is UTF-16, not UTF-8'],
  [['LINK'], './link.yaml is no file of atomic tests\n./link.yaml:1:1: error: '],
] as const)('usage: %j', async (args, message) => {
  writeFileSync(join(folder, 'other.yaml'), 'a: 1\n');
  writeFileSync(join(folder, 'utf16.yaml'), Buffer.from([0xff, 0xfe, 0x61, 0]));
  symlinkSync('/etc/passwd', join(folder, 'link.yaml'));
  const files: Record<string, string> = { FILE: file, OTHER: 'other.yaml', UTF16: 'utf16.yaml', LINK: 'link.yaml' };
  const typed = args.map((each) => (each === 'FILE' ? file : each in files ? join(folder, files[each] ?? '') : each));
  const { code, stdout, stderr } = await importAtomic(typed);
  expect(stderr).toContain(`sim: ${message}`);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
});

test('a name with controls cannot reach the terminal', async () => {
  writeFileSync(file, ATOMICS.replace('Ask the registry', '"\\e[31mred\\u202e"'));
  expect((await importAtomic([file, '--dir', out()])).stdout).not.toMatch(/[\u001b\u202e]/);
});
