import { expect, test } from 'vitest';
import type { References } from '../../src/language/references.ts';
import { undeclaredRisk } from '../../src/rules/undeclared-risk.ts';
import { stepTypes as steps } from '../../src/steps/index.ts';
import { playbookOf } from '../fakes/step-types.ts';
import { findingsOf, underlinedBy } from './findings.ts';

const ofObject = (object: string) => playbookOf(`  - deploy: {manifests: [${object}]}\n`);
const ofSpec = (spec: string) => ofObject(`{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: ${spec}}`);
const reaches = (text: string, references?: References) =>
  findingsOf(undeclaredRisk, text, { steps, ...(references === undefined ? {} : { references }) }).map((line) =>
    line.replace(/^[\d:]+ error: /, '').replace(", which needs `risk: high` in the playbook's metadata", ''),
  );

test.each([
  ['{hostNetwork: true}', 'Pod a: it asks for hostNetwork'],
  ['{hostPID: true}', 'Pod a: it asks for hostPID'],
  ['{hostIPC: true}', 'Pod a: it asks for hostIPC'],
  ['{volumes: [{name: x, hostPath: {path: /etc}}]}', 'Pod a: it mounts /etc of the node'],
  ['{containers: [{name: c, securityContext: {privileged: true}}]}', 'Pod a: its container c is privileged'],
  [
    '{initContainers: [{name: c, securityContext: {capabilities: {add: [NET_ADMIN]}}}]}',
    'Pod a: its container c has the capability NET_ADMIN',
  ],
  ['{containers: [{name: c, ports: [{containerPort: 80, hostPort: 80}]}]}', 'Pod a: its container c opens the port 80 of the node'],
])('%s', (spec, message) => expect(reaches(ofSpec(spec))).toEqual([message]));

test.each([
  '{hostNetwork: false}',
  '{volumes: [{name: x, emptyDir: {}}]}',
  '{containers: [{securityContext: {privileged: false, capabilities: {add: [CHOWN], drop: [ALL]}}, ports: [{containerPort: 80}]}]}',
  'text',
])('%s stays within the run', (spec) => expect(reaches(ofSpec(spec))).toEqual([]));

test('what makes pods is judged by them', () => {
  const template = '{template: {spec: {hostPID: true}}}';
  expect(reaches(ofObject(`{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: a}, spec: ${template}}`))).toHaveLength(1);
  expect(
    reaches(ofObject(`{apiVersion: batch/v1, kind: CronJob, metadata: {name: a}, spec: {jobTemplate: {spec: ${template}}}}`)),
  ).toHaveLength(1);
});

test('other namespaces, and kinds without one, in a form that is possible there', () => {
  const rbac = 'apiVersion: rbac.authorization.k8s.io/v1';
  expect(reaches(ofObject(`{${rbac}, kind: ClusterRole, metadata: {name: "\${{ run.namespace }}-a"}}`))).toEqual([
    'ClusterRole sim-xxxxxxxx-a: it is not in any namespace',
  ]);
  expect(reaches(ofObject(`{${rbac}, kind: Role, metadata: {name: "\${{ run.namespace }}-a", namespace: kube-system}}`))).toEqual([
    'Role sim-xxxxxxxx-a: its namespace is kube-system',
  ]);
  // Where it may not be at all, a higher risk is no help.
  expect(reaches(ofObject('{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: default}}'))).toEqual([]);
});

test('all that a run would refuse', () => {
  const role = '{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: a}, rules: [{resources: [pods], verbs: [create]}]}';
  expect(reaches(ofObject(role))).toEqual(['Role a: it lets an account make pods, services or rights of its own']);
  expect(underlinedBy(undeclaredRisk, ofObject(role), { steps })).toEqual(['{resources: [pods], verbs: [create]}']);
  expect(reaches(ofObject('{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {type: NodePort}}'))).toEqual([
    'Service a: it is of the type NodePort',
  ]);
  expect(reaches(ofObject('{apiVersion: example.com/v1, kind: Thing, metadata: {name: a}}'))).toEqual([
    'Thing a: it is a custom resource of example.com, and what that does depends on who serves it',
  ]);
});

const before = `inputs:
  flag: {type: boolean, description: A choice}
  off: {type: boolean, default: false, description: A choice}
  on: {type: boolean, default: true, description: A choice}
  text: {type: string, description: A text}
  path: {type: string, default: /etc, description: A folder}
variables:
  folder: "\${{ inputs.path }}/passwd"
  failing: "\${{ 1 / (inputs.off ? 1 : 0) }}"
  unknown: "\${{ inputs.text }}"
`;
const withInputs = (object: string) => ofObject(object).replace('steps:', `${before}steps:`);
const specWithInputs = (spec: string) => withInputs(`{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: ${spec}}`);

test.each([
  ['a default', '{hostPID: "${{ inputs.on }}"}', ['Pod a: it asks for hostPID']],
  ['a default that is harmless', '{hostPID: "${{ inputs.off }}"}', []],
  ['an input without a default', '{hostPID: "${{ inputs.flag }}"}', []],
  ['a variable', '{volumes: [{name: x, hostPath: {path: "${{ variables.folder }}"}}]}', ['Pod a: it mounts /etc/passwd of the node']],
  ['an unknown capability', '{containers: [{name: c, securityContext: {capabilities: {add: ["${{ inputs.text }}"]}}}]}', []],
  [
    'a known one beside it',
    '{containers: [{name: c, securityContext: {capabilities: {add: ["${{ variables.unknown }}", SYS_ADMIN]}}}]}',
    ['Pod a: its container c has the capability SYS_ADMIN'],
  ],
  [
    'an expression that fails',
    '{containers: [{name: c, ports: [{hostPort: "${{ variables.failing }}"}]}], hostIPC: true}',
    ['Pod a: it asks for hostIPC'],
  ],
  ['what an expression fails in', '{containers: [{name: "${{ 1 / 0 }}"}], hostIPC: true}', ['Pod a: it asks for hostIPC']],
  [
    'a map by an expression',
    '{containers: [{name: c, securityContext: {capabilities: {add: ["${{ {\'a\': 1} }}"]}}}]}',
    ['Pod a: its container c has the capability {"a":1}'],
  ],
])('%s', (_, spec, expected) => expect(reaches(specWithInputs(spec))).toEqual(expected));

test('where it goes may be unknown: what it must not have in the namespace of the run, it must not have anywhere', () => {
  const into = (spec: string) =>
    withInputs(`{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: "\${{ inputs.text }}"}, spec: ${spec}}`);
  expect(reaches(into('{}'))).toEqual([]);
  expect(reaches(into('{hostPID: true}'))).toEqual(['Pod a: it asks for hostPID']);
  expect(reaches(withInputs('{apiVersion: v1, kind: "${{ inputs.text }}", metadata: {name: a}, spec: {hostPID: true}}'))).toEqual([]);
});

test('whom a binding is for may be unknown', () => {
  const binding = (subject: string) =>
    withInputs(
      `{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: a}, roleRef: {kind: ClusterRole, name: admin}, subjects: [${subject}]}`,
    );
  expect(reaches(binding('{kind: User, name: "${{ inputs.text }}"}'))).toEqual([]);
  expect(reaches(binding('{kind: User, name: "sim:nobody:${{ run.id }}"}'))).toEqual([]);
  expect(reaches(binding('{kind: ServiceAccount, name: a, namespace: "${{ run.namespace }}"}'))).toEqual([
    "RoleBinding a: it gives accounts of the run the rights of the ClusterRole admin in the run's namespace",
  ]);
});

test('a hostile playbook does not make lint work for long, and what it hides is refused by the run', () => {
  const bomb = `"\${{ [${'1,'.repeat(400)}1].all(a, [${'1,'.repeat(400)}1].all(b, a == b)) ? 'x' : 'y' }}"`;
  const many = Array.from({ length: 100 }, () => `{name: ${bomb}}`).join(', ');
  const text = ofSpec(`{containers: [${many}], hostPID: true}`);
  expect(reaches(text)).toEqual(['Pod a: it asks for hostPID']);
  const doubling = Array.from({ length: 60 }, (_, index) => `  v${index + 1}: "\${{ variables.v${index} }}\${{ variables.v${index} }}"\n`);
  const grown = ofSpec('{hostPID: true, hostname: "${{ variables.v60 }}"}').replace(
    'steps:',
    `variables:\n  v0: aaaa\n${doubling.join('')}steps:`,
  );
  expect(reaches(grown)).toEqual(['Pod a: it asks for hostPID']);
});

test('a playbook that says so may', () => {
  expect(reaches(ofSpec('{hostPID: true}').replace('description: A sample}', 'description: A sample, risk: high}'))).toEqual([]);
});

test('manifest files are judged as well, at the place that names them', () => {
  const references: References = new Map([
    [
      'a.yaml',
      {
        kind: 'file',
        text: 'apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Pod, metadata: {name: f}, spec: {hostIPC: true}}]',
      },
    ],
  ]);
  expect(reaches(ofObject('./a.yaml'), references)).toEqual(['Pod f: it asks for hostIPC']);
  expect(underlinedBy(undeclaredRisk, ofObject('./a.yaml'), { steps, references })).toEqual(['./a.yaml']);
  expect(underlinedBy(undeclaredRisk, ofSpec('{volumes: [{hostPath: {path: /x}}]}'), { steps })).toEqual(['{path: /x}']);
});
