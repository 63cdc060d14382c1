import { expect, test } from 'vitest';
import { changeRefusal, overlaid } from '../../src/engine/confine-change.ts';

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
] as const)('%s may be changed', ([, change]) => expect(changeRefusal(change, undefined, world)).toBeUndefined());

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
  expect(changeRefusal(change, undefined, world)).toBe(`${where}, and was not made by this run: a playbook changes only what is its own`),
);

test('an object of the run outside of its namespace may be deleted, and not changed', () => {
  const mine = { apiVersion: rbac, kind: 'ClusterRole', name: 'mine' };
  expect(changeRefusal(mine, { metadata: { annotations: null } }, world)).toBe(
    "ClusterRole mine is in no namespace: outside of the run's namespace a request may delete it, and not change it",
  );
});

test.for([
  [{ $patch: 'replace' }, '$patch'],
  [{ spec: { containers: [{ name: 'a', volumeMounts: [{ $patch: 'delete' }] }] } }, '$patch'],
  [{ spec: { '$deleteFromPrimitiveList/loadBalancerSourceRanges': [] } }, '$deleteFromPrimitiveList/loadBalancerSourceRanges'],
] as const)('a directive of a patch is refused: %j', ([content, key]) => {
  const change = { apiVersion: 'v1', kind: 'Pod', namespace: 'sim-k3x9', name: 'p' };
  expect(changeRefusal(change, content, world)).toContain(`\`${key}\``);
});

test('what a patch may leave behind is all there to be judged', () => {
  const present = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's', uid: 'u' },
    spec: { type: 'LoadBalancer', a: [1], b: { c: 1, d: 2 } },
  };
  const change = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { type: null, a: [2], b: { c: 3 }, e: 4 } };
  expect(overlaid(present, change as never)).toEqual({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's', labels: {}, annotations: {} },
    spec: { a: [1, 2], b: { c: 3, d: 2 }, e: 4 },
  });
});
