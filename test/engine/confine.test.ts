import { expect, test } from 'vitest';
import { adopt, refusals } from '../../src/engine/confine.ts';
import type { KubernetesObject } from '../../src/ports/cluster.ts';
import { fakeCluster } from '../fakes/cluster.ts';

const resources = await fakeCluster().resources(new AbortController().signal);
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
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'sim-k3x9-a' } },
    /not in any namespace, which needs `risk: high`/,
  ],
  [
    'an object among those of the cluster',
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'sim-k3x9-a', namespace: 'kube-system' } },
    /its namespace is kube-system, which needs `risk: high`/,
  ],
  [
    'another namespace',
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'sim-k3x9-a', namespace: 'default' } },
    /its namespace is default, and outside .* only these are possible: MutatingWebhookConfiguration, .*ConfigMap in kube-system$/,
  ],
  [
    'a cluster-scoped kind that has no shape',
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'sim-k3x9-a' } },
    /^Namespace sim-k3x9-a: it is not in any namespace, and outside/,
  ],
  [
    'what an operator of the cluster would act upon',
    { apiVersion: 'example.com/v1', kind: 'Gadget', metadata: { name: 'a' } },
    /custom resource of example\.com/,
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

test('an object outside of the namespace keeps its place, and carries the proof of its origin', () => {
  const run = { id: 'k3x9', playbook: 'x' };
  const proof = { annotations: { 'kubesim.io/created-by-run': 'k3x9' }, labels: { 'app.kubernetes.io/instance': 'k3x9' } };
  const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'sim-k3x9-a', namespace: 'sim-k3x9' } };
  expect(adopt(role, run).metadata).toMatchObject(proof);
  expect(adopt(role, run).metadata).not.toHaveProperty('namespace');
  const system = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'sim-k3x9-a', namespace: 'kube-system' } };
  expect(adopt(system, run).metadata).toMatchObject({ ...proof, namespace: 'kube-system' });
  expect(adopt({ ...system, metadata: { name: 'a' } }, run).metadata).not.toHaveProperty('annotations');
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
