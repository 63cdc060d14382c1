import { expect, test } from 'vitest';
import type { References } from '../../src/language/references.ts';
import { undeclaredRisk } from '../../src/rules/undeclared-risk.ts';
import { playbookOf } from '../fakes/step-types.ts';
import { findingsOf, underlinedBy } from './findings.ts';

const ofObject = (object: string) => playbookOf(`  - install: {manifests: [${object}]}\n`);
const ofSpec = (spec: string) => ofObject(`{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: ${spec}}`);
const reaches = (text: string, references?: References) =>
  findingsOf(undeclaredRisk, text, references === undefined ? {} : { references }).map((line) =>
    line.replace(/^[\d:]+ error: /, '').replace(", but the playbook's risk is low", ''),
  );

test.each([
  ['{hostNetwork: true}', 'Pod `a` asks for `hostNetwork`'],
  ['{hostPID: true}', 'Pod `a` asks for `hostPID`'],
  ['{hostIPC: true}', 'Pod `a` asks for `hostIPC`'],
  ['{volumes: [{name: x, hostPath: {path: /etc}}]}', 'Pod `a` mounts `/etc` of the node'],
  ['{containers: [{securityContext: {privileged: true}}]}', 'Pod `a` has a privileged container'],
  ['{initContainers: [{securityContext: {capabilities: {add: [NET_ADMIN]}}}]}', 'Pod `a` has the capability `NET_ADMIN`'],
  ['{containers: [{ports: [{containerPort: 80, hostPort: 80}]}]}', 'Pod `a` opens the port 80 of the node'],
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

test('other namespaces, and kinds without one', () => {
  expect(reaches(ofObject('{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: default}}'))).toEqual([
    'Pod `a` goes into the namespace `default`',
  ]);
  expect(
    reaches(
      ofObject('{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: "${{ inputs.n }}"}}').replace(
        'steps:',
        'inputs: {n: {type: string}}\nsteps:',
      ),
    ),
  ).toEqual([]);
  expect(reaches(ofObject('{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: a}}'))).toEqual([
    'ClusterRole `a` belongs to the whole cluster',
  ]);
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
  expect(reaches(ofObject('./a.yaml'), references)).toEqual(['Pod `f` asks for `hostIPC`']);
  expect(underlinedBy(undeclaredRisk, ofObject('./a.yaml'), { references })).toEqual(['./a.yaml']);
  expect(underlinedBy(undeclaredRisk, ofSpec('{volumes: [{hostPath: {path: /x}}]}'))).toEqual(['{path: /x}']);
});
