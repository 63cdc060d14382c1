// What rules see of files that steps use.
import { expect, test } from 'vitest';
import type { References } from '../../src/language/references.ts';
import { dangerousCommand } from '../../src/rules/dangerous-command.ts';
import { latestTag } from '../../src/rules/latest-tag.ts';
import type { Rule } from '../../src/rules/rule.ts';
import { shellInjection } from '../../src/rules/shell-injection.ts';
import { undeclaredRisk } from '../../src/rules/undeclared-risk.ts';
import { playbookOf } from '../fakes/step-types.ts';
import { findingsOf, underlinedBy } from './findings.ts';

const template = (steps: string, before = '') => playbookOf(steps, before).replace('kind: Playbook', 'kind: StepTemplate');
const references = (files: Record<string, string>): References =>
  new Map(Object.entries(files).map(([path, text]) => [path, { kind: 'file' as const, text }]));
const found = (rule: Rule, steps: string, files: Record<string, string>, before = '') =>
  findingsOf(rule, playbookOf(steps, before), { references: references(files) });

test('what harms in a used file is told where the playbook uses it, each file once, however deep', () => {
  const files = {
    'a.yaml': template('  - uses: ./deep/b.yaml\n  - command: {pod: p, argv: [reboot]}\n'),
    'deep/b.yaml': template('  - command: {pod: p, argv: [sh, -c, "id; rm -rf /"]}\n'),
  };
  expect(found(dangerousCommand, '  - {install: {chart: x}}\n  - uses: ./a.yaml\n  - uses: ./a.yaml\n', files)).toEqual([
    '6:11: error: in `a.yaml`, `reboot` stops the machine',
    '6:11: error: in `deep/b.yaml`, `rm -rf /` deletes the system it runs on',
  ]);
});

test('the risk that the playbook declares counts for the files that it uses', () => {
  const object = '{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {hostPID: true}}';
  const files = { 'a.yaml': template(`  - install: {manifests: [${object}]}\n`).replace('A sample}', 'A sample, risk: high}') };
  const text = playbookOf('  - uses: ./a.yaml\n').replace('A sample}', 'A sample, risk: high}');
  expect(findingsOf(undeclaredRisk, text, { references: references(files) })).toEqual([]);
});

test('warnings about a used file are left to the lint of that file', () => {
  const files = { 'a.yaml': template('  - install: {chart: x, values: {image: "a:latest"}}\n') };
  expect(found(latestTag, '  - uses: ./a.yaml\n', files)).toEqual([]);
});

test('an image that is handed to a used file', () => {
  const files = { 'a.yaml': template('  - install: {chart: "${{ inputs.victimImage }}"}\n', 'inputs: {victimImage: {type: string}}\n') };
  const step = (image: string) => `  - {uses: ./a.yaml, with: {victimImage: "${image}"}}\n`;
  expect(found(latestTag, step('a:latest'), files)).toEqual(['5:42: warning: the image `a` has the tag `latest`']);
  expect(found(latestTag, step('a:1'), files)).toEqual([]);
});

test.each([
  ['decoded for a shell', '  - command: {pod: p, argv: [\'${{ "echo " + base64(inputs.script) + "| base64 -d| bash -s" }}\']}\n'],
  ['spliced into a script', '  - command: {pod: p, argv: [sh, -c, "${{ inputs.script }}"]}\n'],
])('a text that is handed to a file, and %s there, is a script', (_, steps) => {
  const files = { 'a.yaml': template(steps, 'inputs: {script: {type: string}, other: {type: string, default: ""}}\n') };
  const inputs = 'inputs: {host: {type: string, default: a}}\nvariables: {scan: "nmap ${{ inputs.host }}"}\n';
  const text = playbookOf(
    '  - uses: ./a.yaml\n    with: {script: "${{ variables.scan }}; id ${{ inputs.host }}", other: "${{ inputs.host }}"}\n',
    inputs,
  );
  expect(underlinedBy(shellInjection, text, { references: references(files) })).toEqual(['${{ inputs.host }}', '${{ inputs.host }}']);
  // Whoever wrote the template is not told that its script is given.
  expect(findingsOf(shellInjection, files['a.yaml'], {})).toEqual([]);
});

test('a mistake that is repeated thousands of times is told a hundred times', () => {
  const script = 'reboot; '.repeat(5000);
  expect(underlinedBy(dangerousCommand, playbookOf(`  - command: {pod: p, argv: [sh, -c, "${script}"]}\n`))).toEqual(
    Array(100).fill('reboot'),
  );
});
