import { expect, test } from 'vitest';
import { shellInjection } from '../../src/rules/shell-injection.ts';
import { playbookOf } from '../fakes/step-types.ts';
import { findingsOf, underlinedBy } from './findings.ts';

const inputs = `inputs:
  host: {type: string, default: a}
  port: {type: integer, default: 1}
  dry: {type: boolean, default: true}
  wait: {type: duration, default: 1s}
  mode: {type: enum, values: [split, faithful], default: split}
  odd: {type: enum, values: ["a; b"], default: "a; b"}
variables:
  plain: id
  open: nmap \${{ inputs.host }}
  outer: |
    \${{ variables.open }}
`;
const first = '  - {id: scan, command: {pod: p, argv: [x]}}\n';
const ofArgv = (...argv: string[]) => playbookOf(`${first}  - command:\n      pod: p\n      argv: ${JSON.stringify(argv)}\n`, inputs);

test.each([
  ['inputs.host', 'inputs.host'],
  ['inputs.odd', 'inputs.odd'],
  ['steps.scan.stdout', 'steps.scan.stdout'],
  ['"a" + inputs.host', 'inputs.host'],
  ['base64(inputs.host) + inputs.host', 'inputs.host'],
])('`%s` can break out of a script', (expression, name) => {
  expect(findingsOf(shellInjection, ofArgv('sh', '-c', `echo \${{ ${expression} }}`))).toEqual([
    expect.stringMatching(new RegExp(`warning: the shell reads the value of \`${name}\` as part of the script$`)),
  ]);
});

test.each([
  'run.marker',
  'inputs.port',
  'inputs.dry',
  'inputs.wait',
  'inputs.mode',
  'steps.scan.exitCode',
  'base64(inputs.host)',
  'base64(string(steps.scan.stdout))',
  'steps.scan.stdout.size()',
  'variables.plain',
])('`%s` cannot', (expression) => expect(findingsOf(shellInjection, ofArgv('sh', '-c', `echo \${{ ${expression} }}`))).toEqual([]));

test.each([
  [['nmap', '${{ inputs.host }}']],
  [['sh', '-c', 'nmap "$1"', 'sh', '${{ inputs.host }}']],
  [['sh', '/tmp/x', '${{ inputs.host }}']],
  [['echo', '-c', '${{ inputs.host }}']],
])('%j: no shell reads the value', (argv) => expect(findingsOf(shellInjection, ofArgv(...argv))).toEqual([]));

test.each([[['/bin/bash', '-ec']], [['timeout', '5', 'sh', '-c']], [['sudo', 'sh', '-x', '-c']], [['busybox', 'sh', '-c']]])(
  '%j is a shell',
  (argv) => expect(underlinedBy(shellInjection, ofArgv(...argv, 'id; nmap ${{ inputs.host }}'))).toEqual(['${{ inputs.host }}']),
);

test.each(['echo ${{ base64(variables.outer) }}| base64 -d| bash -s x', 'echo ${{ base64(variables.outer) }} | base64 --decode | /bin/sh'])(
  'a variable that is decoded for a shell is a script, with those inside it: %s',
  (text) => {
    expect(findingsOf(shellInjection, ofArgv(text))).toEqual([expect.stringMatching(/^13:/)]);
  },
);

test('a variable that is encoded and stays so is data', () => {
  expect(findingsOf(shellInjection, ofArgv('sh', '-c', 'echo ${{ base64(variables.open) }} | base64 -d > /tmp/x'))).toEqual([]);
  expect(findingsOf(shellInjection, ofArgv('echo', '${{ variables.open }}'))).toEqual([]);
});
