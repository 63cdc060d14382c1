import { expect, test } from 'vitest';
import { changeRefusal } from '../../src/engine/confine-change.ts';

const rbac = 'rbac.authorization.k8s.io/v1';
const made = [
  { apiVersion: 'v1', kind: 'Namespace', name: 'sim-k3x9', uid: 'u' },
  { apiVersion: rbac, kind: 'ClusterRole', name: 'mine', uid: 'v' },
];
const world = { namespace: 'sim-k3x9', made };

test.for([
  ['an object in the namespace of the run', { apiVersion: 'v1', kind: 'Event', namespace: 'sim-k3x9', name: 'e' }],
  ['all of a kind there', { apiVersion: 'v1', kind: 'Event', namespace: 'sim-k3x9' }],
  ['an object that the run has made', { apiVersion: rbac, kind: 'ClusterRole', name: 'mine' }],
  ['a question', { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview' }],
] as const)('%s may be changed', ([, change]) => expect(changeRefusal(change, world)).toBeUndefined());

test.for([
  [
    'another namespace',
    { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'kube-system', name: 'coredns' },
    'ConfigMap coredns is in the namespace kube-system',
  ],
  ['all of a kind elsewhere', { apiVersion: 'v1', kind: 'Event', namespace: 'default' }, 'Event is in the namespace default'],
  ["somebody else's object", { apiVersion: rbac, kind: 'ClusterRole', name: 'admin' }, 'ClusterRole admin is in no namespace'],
  ['all of a kind outside of namespaces', { apiVersion: rbac, kind: 'ClusterRole' }, 'ClusterRole is in no namespace'],
  [
    'the same name of another kind',
    { apiVersion: rbac, kind: 'ClusterRoleBinding', name: 'mine' },
    'ClusterRoleBinding mine is in no namespace',
  ],
  [
    'the same name in a namespace',
    { apiVersion: 'v1', kind: 'Namespace', namespace: 'default', name: 'sim-k3x9' },
    'Namespace sim-k3x9 is in the namespace default',
  ],
  [
    'a question in another namespace',
    { apiVersion: 'authorization.k8s.io/v1', kind: 'LocalSubjectAccessReview', namespace: 'default' },
    'LocalSubjectAccessReview is in the namespace default',
  ],
] as const)('%s may not', ([, change, where]) =>
  expect(changeRefusal(change, world)).toBe(`${where}, and was not made by this run: a playbook changes only what is its own`),
);
