import { expect, test } from 'vitest';
import { readAtomicFile } from '../../src/import/atomic-file.ts';
import { locate } from '../../src/language/source.ts';

const findings = (text: string) => {
  const { file, diagnostics } = readAtomicFile(text);
  const all = [...diagnostics, ...(file?.invalid ?? []).flatMap((each) => each.diagnostics)];
  return locate({ name: 'T.yaml', text }, all).map(({ line, column, rule, message }) => `${line}:${column} ${rule}: ${message}`);
};

const GOOD = `attack_technique: T1082
display_name: System Information Discovery
atomic_tests:
- name: First
  supported_platforms: [linux]
  executor: {name: sh, command: uname -a}
- name: Second
  auto_generated_guid: 8c0b6f0e-0000-4000-8000-000000000000
  supported_platforms: [windows]
  executor: {name: manual, steps: Look around.}
`;

test('numbers the tests and gives them their technique', () => {
  const { file, diagnostics } = readAtomicFile(GOOD);
  expect(diagnostics).toEqual([]);
  expect(file?.invalid).toEqual([]);
  expect(file?.tests.map(({ technique, number, test: { name } }) => [technique, number, name])).toEqual([
    ['T1082', 1, 'First'],
    ['T1082', 2, 'Second'],
  ]);
});

test('one test that is wrong is told where it is wrong, and does not take the others with it', () => {
  const text = GOOD.replace('command: uname -a', 'comand: uname -a, cleanup_command: [rm, x]');
  expect(readAtomicFile(text).file?.tests.map(({ number }) => number)).toEqual([2]);
  expect(findings(text)).toEqual([
    '6:24 unknown-key: unknown key `comand` in `executor`',
    '6:59 wrong-type: `cleanup_command` must be text or empty, but is a list',
  ]);
});

test.each([
  ['', '1:1 yaml-syntax: the file is empty'],
  ['- a', '1:1 wrong-type: the file must be a map, but is a list'],
  [
    'attack_technique: T1\natomic_tests: [{}]',
    '1:19 wrong-value: `attack_technique` must be an ATT&CK technique such as `T1087.001`, but is the text `T1`',
  ],
  ['attack_technique: T1082', '1:1 missing-key: the file lacks the key `atomic_tests`'],
  ['attack_technique: T1082\natomic_tests: []', '2:15 wrong-value: `atomic_tests` is empty'],
  ['attack_technique: T1082\natomic_tests: [1]', '2:16 wrong-type: the test must be a map, but is the number `1`'],
  ['attack_technique: T1082\natomic_tests:\n\t- a', '3:1 yaml-syntax: a tab is used for indentation'],
  [`a: &a [x]\nb: ${'['.repeat(60)}`, undefined],
  [`a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [${'*a,'.repeat(50)}]\nc: &c [${'*b,'.repeat(50)}]\nd: [${'*c,'.repeat(50)}]`, undefined],
  ['x'.repeat(1024 * 1024 + 1), '1:1 yaml-syntax: the file is larger than 1 MiB'],
  ['attack_technique: !!js/function x', undefined],
])('hostile or wrong: %#', (text, first) => {
  const found = findings(text);
  expect(found.length).toBeGreaterThan(0);
  if (first !== undefined) expect(found[0]).toBe(first);
});

test('names of JavaScript are names like any other', () => {
  const text = GOOD.replace(
    'executor: {name: sh, command: uname -a}',
    'input_arguments: {__proto__: {default: a}}\n  executor: {name: sh, command: "echo #{__proto__}"}',
  );
  expect(Object.keys(readAtomicFile(text).file?.tests[0]?.test.input_arguments ?? {})).toEqual(['__proto__']);
});
