import { expect, test } from 'vitest';
import { changeRefusal, mayBeMade, overlaid } from '../../src/reach/change.ts';

const rbac = 'rbac.authorization.k8s.io/v1';
const made = [
  { apiVersion: 'v1', kind: 'Namespace', name: 'sim-k3x9', uid: 'u' },
  { apiVersion: rbac, kind: 'ClusterRole', name: 'mine', uid: 'v' },
];
const world = {
  namespace: 'sim-k3x9',
  isMade: (it: { apiVersion: string; kind: string; name?: string; namespace?: string }) =>
    made.some((each) => each.apiVersion === it.apiVersion && each.kind === it.kind && it.namespace === undefined && each.name === it.name),
};

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
  expect(changeRefusal(change, undefined, world)).toEqual({
    says: `${where}, and was not made by this run: a playbook changes only what is its own`,
  }),
);

test('an object of the run outside of its namespace may be deleted, and not changed', () => {
  const mine = { apiVersion: rbac, kind: 'ClusterRole', name: 'mine' };
  expect(changeRefusal(mine, { metadata: { annotations: null } }, world)).toEqual({
    says: "ClusterRole mine is in no namespace: outside of the run's namespace a request may delete it, and not change it",
  });
});

test.for([
  [{ $patch: 'replace' }, ['$patch']],
  [{ spec: { containers: [{ name: 'a', volumeMounts: [{ $patch: 'delete' }] }] } }, ['spec', 'containers', 0, 'volumeMounts', 0, '$patch']],
  [{ spec: { '$deleteFromPrimitiveList/loadBalancerSourceRanges': [] } }, ['spec', '$deleteFromPrimitiveList/loadBalancerSourceRanges']],
] as const)('a directive of a patch is refused: %j', ([content, path]) => {
  const change = { apiVersion: 'v1', kind: 'Pod', namespace: 'sim-k3x9', name: 'p' };
  expect(changeRefusal(change, content, world)).toEqual({
    says: `\`${path.at(-1)}\` is not possible in a patch: what comes of it cannot be judged`,
    inContent: path,
  });
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

test.for([
  ['a kind that may stand outside, under a name of the run', { apiVersion: rbac, kind: 'ClusterRole', name: 'sim-k3x9-a' }, true],
  ['such a kind in the one namespace that it may', { apiVersion: 'v1', kind: 'Pod', namespace: 'kube-system', name: 'sim-k3x9-a' }, true],
  ['the namespace of the run', { apiVersion: 'v1', kind: 'Namespace', name: 'sim-k3x9' }, true],
  ['another name', { apiVersion: rbac, kind: 'ClusterRole', name: 'admin' }, false],
  ['another namespace', { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'sim-k3x9-a' }, false],
  ['another kind', { apiVersion: 'v1', kind: 'Node', name: 'sim-k3x9-a' }, false],
  ['all of a kind', { apiVersion: rbac, kind: 'ClusterRole' }, false],
] as const)('%s may have been made by the run: %s', ([, change, may]) => expect(mayBeMade(change, 'sim-k3x9')).toBe(may));
