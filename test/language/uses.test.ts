// Files that a file uses: found, checked against what is given to them, and never in a circle.
import { expect, test } from 'vitest';
import { load } from '../../src/language/load.ts';
import { folderOf, joinPath, type Referenced, type References } from '../../src/language/references.ts';
import { locate } from '../../src/language/source.ts';
import { stepTypes } from '../fakes/step-types.ts';

const file = (kind: string, rest: string) => `apiVersion: kubesim/v1\nkind: ${kind}\nmetadata: {name: sample, title: Sample}\n${rest}`;
const template = file(
  'StepTemplate',
  `inputs:
  script: {type: string, description: What is run}
  port: {type: integer, default: 80}
steps:
  - id: request
    command: {pod: p, argv: ["\${{ inputs.script }}"]}
outputs:
  text: \${{ steps.request.stdout }}
`,
);

const files = (entries: Record<string, Referenced | string>): References =>
  new Map(Object.entries(entries).map(([path, each]) => [path, typeof each === 'string' ? { kind: 'file', text: each } : each]));

function findings(text: string, references?: References): string[] {
  const source = { name: 'playbooks/main.yaml', text };
  return locate(source, load(source, stepTypes, references).diagnostics).map(
    ({ line, column, rule, message, hint }) => `${line}:${column} ${rule}: ${message}${hint === undefined ? '' : ` (${hint})`}`,
  );
}

const playbook = (steps: string) => file('Playbook', `steps:\n${steps}`);

test('a step takes in the steps of a file, with values for its inputs, and others read its outputs', () => {
  const text = playbook(`  - id: ask
    attack: [T1046]
    uses: ./steps/ask.yaml
    with: {script: whoami}
  - command: {pod: p, argv: ["\${{ steps.ask.text }}"]}
`);
  const { playbook: loaded, diagnostics } = load({ name: 'main.yaml', text }, stepTypes, files({ 'steps/ask.yaml': template }));
  expect(diagnostics).toEqual([]);
  const [ask] = loaded?.steps ?? [];
  expect(ask).toMatchObject({ type: 'uses', name: 'Sample', attack: ['T1046'], uses: { with: { script: 'whoami' } } });
  expect(ask?.uses?.definition).toMatchObject({ kind: 'StepTemplate', file: 'steps/ask.yaml', folder: 'steps' });
});

test.each([
  ['with: {scirpt: whoami}', '6:12 unknown-key: `./a.yaml` has no input `scirpt` (did you mean `script`? it has: `port`, `script`)'],
  ['with: {}', '6:5 missing-key: `./a.yaml` needs its input `script` (give it in `with`: What is run)'],
  ['timeout: 1s', '5:5 missing-key: `./a.yaml` needs its input `script` (give it in `with`: What is run)'],
  ['with: {script: 3}', '6:20 wrong-value: the input `script` must be text, but is the number `3`'],
  [
    'with: {script: a, port: "${{ run.id }}"}',
    '6:29 wrong-value: the input `port` must be of type integer, but this expression gives text',
  ],
  ['with: {script: "${{ steps.x.y }}"}', '6:25 undefined-reference: no step is named `x` (no step before this one has an `id`)'],
])('%s', (line, finding) => {
  expect(findings(playbook(`  - uses: ./a.yaml\n    ${line}\n`), files({ 'a.yaml': template }))).toContain(finding);
});

test.each<[Referenced, string]>([
  [{ kind: 'absent' }, "`./a.yaml` does not exist (paths start at this file's folder)"],
  [{ kind: 'outside' }, '`./a.yaml` stands outside the checkout, where nothing is read'],
  [{ kind: 'folder', names: [] }, '`./a.yaml` is a folder (name the file in it)'],
  [{ kind: 'file', text: 'nonsense: [' }, '`./a.yaml` has an error of its own (see them with `sim lint` of that file)'],
])('%j', (referenced, finding) => {
  expect(findings(playbook('  - uses: ./a.yaml\n'), new Map([['a.yaml', referenced]]))).toEqual([`5:11 used-file: ${finding}`]);
});

test('what was not read cannot be used', () => {
  expect(findings(playbook('  - uses: ./a.yaml\n'))).toEqual(['5:11 used-file: `./a.yaml` cannot be read from here']);
});

test.each([
  ['itself', { 'main.yaml': '' }, './main.yaml', 'main.yaml -> main.yaml'],
  [
    'two others',
    { 'b/one.yaml': playbook('  - uses: ../two.yaml\n'), 'two.yaml': playbook('  - uses: ./b/one.yaml\n') },
    './b/one.yaml',
    'b/one.yaml -> two.yaml -> b/one.yaml',
  ],
])('a circle through %s', (_, entries, first, circle) => {
  expect(findings(playbook(`  - uses: ${first}\n`), files(entries))).toEqual([`5:11 used-file: \`${first}\` goes in a circle: ${circle}`]);
});

test('a chain of files has a limit', () => {
  const chain = Object.fromEntries(
    Array.from({ length: 30 }, (_, index) => [`f${index}.yaml`, playbook(`  - uses: ./f${index + 1}.yaml\n`)]),
  );
  expect(findings(playbook('  - uses: ./f0.yaml\n'), files(chain))).toEqual([
    '5:11 used-file: `./f0.yaml` has an error of its own (see them with `sim lint` of that file)',
  ]);
});

test('what is of high risk stays of high risk', () => {
  const risky = file('StepTemplate', 'steps:\n  - wait: 1s\n').replace('title: Sample', 'title: Sample, risk: high');
  expect(
    findings(playbook('  - uses: ./a.yaml\n'), files({ 'a.yaml': risky.replace('wait: 1s', 'command: {pod: p, argv: [x]}') })),
  ).toEqual(["5:11 used-file: `./a.yaml` is of high risk (say `risk: high` in this file's metadata, too)"]);
});

test('steps that run together do not read each other, later ones read them all', () => {
  const parallel = (argv: string) => `  - parallel:
      - {id: one, command: {pod: p, argv: [x]}}
      - {id: two, command: {pod: p, argv: ["${argv}"]}}
  - command: {pod: p, argv: ["\${{ steps.one.stdout }}", "\${{ steps.two.stdout }}"]}
`;
  expect(findings(playbook(parallel('y')))).toEqual([]);
  expect(findings(playbook(parallel('${{ steps.one.stdout }}')))).toEqual([
    '7:49 undefined-reference: the step `one` has not run yet at this point',
  ]);
});

test('what belongs to the steps inside cannot stand beside them', () => {
  const text = playbook('  - attack: [T1046]\n    parallel: [{command: {pod: p, argv: [x]}}, {command: {pod: p, argv: [x]}}]\n');
  expect(findings(text)).toEqual(['5:5 unknown-key: `attack` cannot stand beside `parallel`: give it to the steps inside']);
});

test.each([
  ['', './a.yaml', 'a.yaml'],
  ['steps', '../a/./b.yaml', 'a/b.yaml'],
  ['', '../../a.yaml', '../../a.yaml'],
  ['../x', '../y.yaml', '../y.yaml'],
])('from %j, %s is %s', (folder, path, joined) => expect(joinPath(folder, path)).toBe(joined));

test('the folder of a path', () => {
  expect(folderOf('a/b/c.yaml')).toBe('a/b');
  expect(folderOf('c.yaml')).toBe('');
});
