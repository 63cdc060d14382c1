import { expect, test } from 'vitest';
import { adopt, refusals } from '../../src/engine/confine.ts';
import type { KubernetesObject } from '../../src/ports/cluster.ts';

const resources = [
  { apiVersion: 'v1', kind: 'Pod', resource: 'pods', namespaced: true, verbs: [] },
  { apiVersion: 'v1', kind: 'ConfigMap', resource: 'configmaps', namespaced: true, verbs: [] },
  { apiVersion: 'batch/v1', kind: 'CronJob', resource: 'cronjobs', namespaced: true, verbs: [] },
  { apiVersion: 'apps/v1', kind: 'Deployment', resource: 'deployments', namespaced: true, verbs: [] },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', resource: 'clusterroles', namespaced: false, verbs: [] },
];
const world = { namespace: 'sim-k3x9', risk: 'low' as const, resources };
const pod = (spec: object, metadata: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', ...metadata },
  spec,
});

test('what stays in the namespace of the run may be created', () => {
  expect(refusals(pod({ containers: [{ name: 'a' }] }, { namespace: 'sim-k3x9' }), world)).toEqual([]);
});

test.for([
  ['a kind that is not served', { apiVersion: 'x/v1', kind: 'Thing', metadata: { name: 'a' } }, /serves no x\/v1 Thing/],
  ['no name', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'a-' } }, /needs metadata\.name/],
  [
    'a cluster-scoped object',
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'a' } },
    /outside the run's namespace/,
  ],
  [
    'another namespace',
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'kube-system' } },
    /its namespace is kube-system/,
  ],
  ["the node's network", pod({ hostNetwork: true }), /asks for hostNetwork/],
  ['a folder of the node', pod({ volumes: [{ name: 'r', hostPath: { path: '/' } }] }), /mounts \/ of the node/],
  [
    'a privileged container',
    pod({ containers: [{ name: 'root', securityContext: { privileged: true } }] }),
    /container root is privileged/,
  ],
  [
    'a privileged container of an init kind',
    pod({ initContainers: [{ name: 'i', securityContext: { privileged: true } }] }),
    /container i is privileged/,
  ],
  [
    'reach hidden in a template of a template',
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'c' },
      spec: { jobTemplate: { spec: { template: { spec: { hostPID: true } } } } },
    },
    /asks for hostPID/,
  ],
] as const)('%s is refused', ([, object, reason]) => {
  expect(refusals(object as KubernetesObject, world)).toEqual([expect.stringMatching(reason)]);
});

test('reach into the node is what risk: high is for; another namespace never is', () => {
  expect(refusals(pod({ hostNetwork: true, hostPID: true }), { ...world, risk: 'high' })).toEqual([]);
  expect(refusals(pod({}, { namespace: 'default' }), { ...world, risk: 'high' })).toHaveLength(1);
});

test('an adopted object has the namespace and the labels, as have the pods that it makes', () => {
  const run = { id: 'k3x9', playbook: 'web-shell' };
  const labels = {
    'app.kubernetes.io/instance': 'k3x9',
    'app.kubernetes.io/managed-by': 'kubesim',
    'app.kubernetes.io/part-of': 'web-shell',
  };
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd', labels: { a: 'b' } },
    spec: { template: { metadata: { labels: { app: 'd' } }, spec: {} } },
  };
  expect(adopt(deployment, run)).toMatchObject({
    metadata: { namespace: 'sim-k3x9', labels: { a: 'b', ...labels } },
    spec: { template: { metadata: { labels: { app: 'd', ...labels } } } },
  });
  const cron = {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'c' },
    spec: { jobTemplate: { spec: { template: { spec: {} } } } },
  };
  expect(adopt(cron, run)).toMatchObject({ spec: { jobTemplate: { spec: { template: { metadata: { labels } } } } } });
  expect(deployment.metadata).toEqual({ name: 'd', labels: { a: 'b' } });
});
