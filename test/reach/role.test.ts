import { expect, test } from 'vitest';
import { refusals } from '../../src/engine/confine.ts';
import { fakeCluster } from '../fakes/cluster.ts';

const resources = await fakeCluster().resources(new AbortController().signal);
const rbac = 'rbac.authorization.k8s.io';
const refused = (kind: string, more: object, risk: 'low' | 'high') =>
  refusals({ apiVersion: `${rbac}/v1`, kind, metadata: { name: 'a' }, ...more }, { namespace: 'sim-k3x9', risk, resources });
const rule = (resources: string[], verbs: string[]) => ({ rules: [{ apiGroups: [''], resources, verbs }] });
const own = { kind: 'ServiceAccount', name: 'victim', namespace: 'sim-k3x9' };
const nobody = { kind: 'User', apiGroup: rbac, name: 'sim:nobody:k3x9' };
const binding = (subjects: object[], kind = 'Role', name = 'a') => ({ subjects, roleRef: { apiGroup: rbac, kind, name } });

test.for([
  ['reading everything in it', rule(['*'], ['get', 'list', 'watch'])],
  ['deleting in it', rule(['pods', 'events'], ['delete', 'deletecollection'])],
  [
    'exec, and writing what runs nothing',
    rule(['pods/exec', 'secrets', 'configmaps', 'serviceaccounts/token'], ['create', 'get', 'patch']),
  ],
  ['nothing', {}],
] as const)('a role of the namespace for %s needs nothing', ([, more]) => expect(refused('Role', more, 'low')).toEqual([]));

test.for([
  ['making pods', rule(['pods'], ['create'])],
  ['making what makes pods', rule(['deployments'], ['update'])],
  ['giving rights', rule(['rolebindings'], ['create'])],
  ['binding', rule(['secrets'], ['bind'])],
  ['being others', rule(['serviceaccounts'], ['impersonate'])],
  ['opening services', rule(['services'], ['patch'])],
  ['everything', rule(['*'], ['*'])],
  ['every verb', rule(['secrets'], ['*'])],
] as const)('a role for %s needs a high risk', ([, more]) => {
  expect(refused('Role', more, 'low')).toEqual([expect.stringContaining('needs `risk: high`')]);
  expect(refused('Role', more, 'high')).toEqual([]);
});

test('accounts of the run, and nobody, may be bound in the namespace; a role of the cluster that writes needs a high risk', () => {
  for (const more of [
    binding([own, nobody]),
    binding([own], 'ClusterRole', 'view'),
    binding([own], 'ClusterRole', 'sim-k3x9-reader'),
    binding([nobody], 'ClusterRole', 'cluster-admin'),
  ])
    expect(refused('RoleBinding', more, 'low')).toEqual([]);
  const admin = binding([own], 'ClusterRole', 'cluster-admin');
  expect(refused('RoleBinding', admin, 'low')).toEqual([expect.stringContaining('ClusterRole cluster-admin')]);
  expect(refused('RoleBinding', admin, 'high')).toEqual([]);
});

test.for([
  ['an account of others', { ...own, namespace: 'default' }],
  ['an account without a namespace', { kind: 'ServiceAccount', name: 'victim' }],
  ['a live user', { ...nobody, name: 'alice' }],
  ['the nobody of another run', { ...nobody, name: 'sim:nobody:k3x' }],
  ['a group', { ...nobody, kind: 'Group', name: 'system:authenticated' }],
] as const)('%s may not be, whatever the risk', ([, subject]) => {
  for (const risk of ['low', 'high'] as const)
    expect(refused('RoleBinding', binding([own, subject]), risk)).toEqual([expect.stringContaining('only service accounts of sim-k3x9')]);
});
