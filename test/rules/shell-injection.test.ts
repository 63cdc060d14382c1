import { expect, test } from 'vitest';
import type { References } from '../../src/language/references.ts';
import { shellInjection } from '../../src/rules/shell-injection.ts';
import { stepTypes as realTypes } from '../../src/steps/index.ts';
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

/** Findings in a playbook of real steps. */
const ofReal = (steps: string, references: References = new Map()) =>
  underlinedBy(shellInjection, playbookOf(steps, 'inputs:\n  host: {type: string, default: a}\n'), { steps: realTypes, references });
const host = '${{ inputs.host }}';

test.each([
  ['exec, shell', `exec: {pod: p, shell: "nmap ${host}"}`],
  ['exec, command', `exec: {pod: p, command: [sh, -c, "nmap ${host}"]}`],
  ['exec, the standard input of a shell', `exec: {pod: p, command: [timeout, 5, bash, -s, x], stdin: "nmap ${host}"}`],
  ['script', `script: {pod: p, script: "nmap ${host}"}`],
  ['script, of another interpreter', `script: {pod: p, interpreter: [perl, -w], script: "print '${host}'"}`],
  ['curl, the command of a web shell', `curl: {pod: p, url: "http://victim/ws.php", query: {cmd: "nmap ${host}"}}`],
  [
    'deploy, a probe',
    `deploy: {manifests: [{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, livenessProbe: {exec: {command: [sh, -c, "nmap ${host}"]}}}]}}]}`,
  ],
  [
    'api, a container',
    `api: {serviceAccount: a, verb: create, apiVersion: v1, kind: Pod, object: {metadata: {name: a}, spec: {containers: [{name: a, command: [sh, -c], args: ["nmap ${host}"]}]}}}`,
  ],
])('%s: what is spliced in is found', (_, step) => expect(ofReal(`  - ${step}\n`)).toEqual([host]));

test.each([
  ['exec, what a program reads', `exec: {pod: p, command: [cat], stdin: "${host}"}`],
  ['exec, what a script of its own reads', `exec: {pod: p, shell: cat, stdin: "${host}"}`],
  ['exec, what `sh -c` reads', `exec: {pod: p, command: [sh, -c, cat], stdin: "${host}"}`],
  [
    'script, arguments and environment',
    `script: {pod: p, script: 'nmap "$1" "$HOST"', args: ["${host}"], env: {HOST: "${host}"}, stdin: "${host}"}`,
  ],
  ['curl, another parameter', `curl: {pod: p, url: "http://victim/", query: {q: "${host}"}}`],
  ['curl, an encoded command', `curl: {pod: p, url: "http://victim/", query: {cmd: "echo \${{ base64(inputs.host) }}"}}`],
])('%s: no shell reads the value', (_, step) => expect(ofReal(`  - ${step}\n`)).toEqual([]));

const template = (step: string): References => {
  const text = playbookOf(`  - ${step}\n`, 'inputs:\n  given: {type: string}\n').replace('kind: Playbook', 'kind: StepTemplate');
  return new Map([['t.yaml', { kind: 'file', text }]]);
};

test.each([
  'exec: {pod: p, shell: "${{ inputs.given }}"}',
  'exec: {pod: p, shell: "nmap ${{ inputs.given }}"}',
  'exec: {pod: p, command: [bash, -s], stdin: "${{ inputs.given }}"}',
  'script: {pod: p, script: "${{ inputs.given }}"}',
  'curl: {pod: p, url: "http://victim/", query: {cmd: "${{ inputs.given + \' # \' + run.marker }}"}}',
  `exec: {pod: p, command: [echo, "echo \${{ base64(inputs.given) }} | base64 -d | sh"]}`,
])('what is handed to a file that runs it: %s', (step) => {
  expect(ofReal(`  - {uses: ./t.yaml, with: {given: "nmap ${host}"}}\n`, template(step))).toEqual([host]);
});

test('what is handed to a file that gives it to a program as a word is data', () => {
  expect(
    ofReal(`  - {uses: ./t.yaml, with: {given: "${host}"}}\n`, template('exec: {pod: p, command: [nmap, "${{ inputs.given }}"]}')),
  ).toEqual([]);
});

test('a template may run a script that it is given, and not what a pod has answered', () => {
  const find = (script: string) =>
    underlinedBy(
      shellInjection,
      playbookOf(
        `  - {id: a, exec: {pod: p, command: [id]}}\n  - exec: {pod: p, shell: ${JSON.stringify(script)}}\n`,
        'inputs:\n  given: {type: string}\n',
      ).replace('kind: Playbook', 'kind: StepTemplate'),
      { steps: realTypes },
    );
  expect(find('${{ inputs.given + " # " + run.marker }}')).toEqual([]);
  expect(find('${{ inputs.given + steps.a.stdout }}')).toEqual(['${{ inputs.given + steps.a.stdout }}']);
  expect(find('nmap ${{ inputs.given }}')).toEqual(['${{ inputs.given }}']);
});

test('the message names the program that reads the script', () => {
  const text = playbookOf(
    '  - {id: a, exec: {pod: p, command: [id]}}\n  - script: {pod: p, interpreter: python3, script: "print(${{ steps.a.stdout }})"}\n',
  );
  expect(findingsOf(shellInjection, text, { steps: realTypes })).toEqual([
    '6:59: warning: `python3` reads the value of `steps.a.stdout` as part of the script',
  ]);
});
