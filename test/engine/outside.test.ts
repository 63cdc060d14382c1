import { expect, test } from 'vitest';
import { cleanUp, leftBehind } from '../../src/engine/cleanup.ts';
import { adopt } from '../../src/engine/confine.ts';
import type { Removal } from '../../src/engine/events.ts';
import { namespaceObject, referenceTo, runSelector } from '../../src/engine/identity.ts';
import { findOutside } from '../../src/engine/outside.ts';
import type { KubernetesObject, ObjectReference } from '../../src/ports/cluster.ts';
import { Failure } from '../../src/ports/failure.ts';
import { type FakeCluster, fakeCluster } from '../fakes/cluster.ts';

const signal = new AbortController().signal;
const run = { id: 'k3x9', playbook: 'binding' };
const made = (apiVersion: string, kind: string, metadata: object = {}): KubernetesObject =>
  adopt({ apiVersion, kind, metadata: { name: 'sim-k3x9-a', ...metadata } }, run);

/** One of each reach, in the order in which a playbook may have made them. */
const outside = () => [
  made('rbac.authorization.k8s.io/v1', 'ClusterRole'),
  made('v1', 'Pod', { namespace: 'kube-system' }),
  made('v1', 'ConfigMap', { namespace: 'kube-system' }),
  made('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding'),
  made('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration'),
];
const inside = () => [namespaceObject(run), made('v1', 'Secret', { name: 's' })];
const FURTHEST_FIRST = ['ValidatingWebhookConfiguration', 'ClusterRoleBinding', 'Pod', 'ClusterRole', 'ConfigMap'];

function afterRun(): { cluster: FakeCluster; objects: ObjectReference[] } {
  const cluster = fakeCluster();
  return { cluster, objects: [...inside(), ...outside()].map((object) => referenceTo(cluster.put(object))) };
}
const clean = (cluster: FakeCluster, objects: ObjectReference[], limit = signal) =>
  cleanUp({ cluster, now: () => 0, record: () => undefined, podPatience: 50 }, { runId: 'k3x9', objects }, limit);
const told = (removals: Removal[]) => removals.map(({ object, result }) => `${result} ${object.kind}`);
const names = (cluster: FakeCluster) => cluster.objects().map(({ kind, metadata }) => `${kind} ${metadata.name}`);

test('what reaches furthest goes first, and all of it before the namespace', async () => {
  const { cluster, objects } = afterRun();
  const removals = await clean(cluster, objects);
  expect(told(removals)).toEqual([...FURTHEST_FIRST.map((kind) => `deleted ${kind}`), 'deleted Secret', 'deleted Namespace']);
  expect(names(cluster)).toEqual(names(fakeCluster()));
});

test('it goes also where the namespace has gone already', async () => {
  const { cluster, objects } = afterRun();
  await clean(cluster, objects.slice(0, 2));
  expect(told(await clean(cluster, objects)).slice(0, 5)).toEqual(FURTHEST_FIRST.map((kind) => `deleted ${kind}`));
  expect(leftBehind(await clean(cluster, objects))).toEqual([]);
});

test('the cluster alone tells what is a run’s: labels, name and annotation together', async () => {
  const { cluster } = afterRun();
  const [role] = outside();
  const lookalike = (change: object): void => void cluster.put({ ...role, metadata: { ...role?.metadata, ...change } } as KubernetesObject);
  lookalike({ name: 'admin' });
  lookalike({ name: 'sim-k3x9-labelled', annotations: {} });
  lookalike({ name: 'sim-k3x9-unlabelled', labels: {} });
  cluster.put({ ...made('v1', 'Pod'), metadata: { ...made('v1', 'Pod').metadata, namespace: 'default' } });
  const { runs, hidden } = await findOutside(cluster, runSelector(), signal);
  expect([...runs.keys()]).toEqual(['k3x9']);
  expect(runs.get('k3x9')?.map(({ kind, name, uid }) => [kind, name, typeof uid])).toEqual(
    FURTHEST_FIRST.map((kind) => [kind, 'sim-k3x9-a', 'string']),
  );
  expect(hidden).toEqual([]);
});

test('kinds that may not be listed are told, and do not hide the others', async () => {
  const { cluster } = afterRun();
  cluster.intercept = (call) => {
    if (call.verb === 'list' && call.query.kind === 'ClusterRoleBinding') throw new Failure('forbidden', 'no');
    if (call.verb === 'list' && call.query.kind === 'Pod') throw new Failure('unreachable', 'no');
  };
  await expect(findOutside(cluster, runSelector(), signal)).rejects.toMatchObject({ code: 'unreachable' });
  cluster.intercept = (call) => {
    if (call.verb === 'list' && /Binding$/.test(call.query.kind)) throw new Failure('forbidden', 'no');
  };
  const { runs, hidden } = await findOutside(cluster, runSelector('k3x9'), signal);
  expect(runs.get('k3x9')).toHaveLength(4);
  expect(hidden).toEqual(['clusterrolebindings', 'rolebindings']);
});

test('one whose creation was never answered goes where it is provably ours, and stays where it is not', async () => {
  const { cluster } = afterRun();
  const unanswered = outside().map((object) => referenceTo(object));
  cluster.put({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'sim-k3x9-b' } });
  const foreign = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: 'sim-k3x9-b' };
  const removals = await clean(cluster, [...unanswered, foreign]);
  expect(leftBehind(removals)).toMatchObject([{ object: foreign, result: 'kept', reason: 'its labels do not name this run' }]);
  expect(names(cluster)).toContain('ClusterRole sim-k3x9-b');
});

test('one of the same name that was made anew is somebody else’s', async () => {
  const { cluster, objects } = afterRun();
  const elsewhere = objects.map((object) => (object.kind === 'ClusterRole' ? { ...object, uid: 'another' } : object));
  expect(told(await clean(cluster, elsewhere))).toContain('absent ClusterRole');
  expect(names(cluster)).toContain('ClusterRole sim-k3x9-a');
});

test('what cannot be removed is told with what holds it, and keeps nothing else', async () => {
  const { cluster, objects } = afterRun();
  for (const kind of ['Pod', 'ClusterRole']) {
    const object = cluster.objects().find((each) => each.kind === kind && each.metadata.name === 'sim-k3x9-a');
    cluster.put({ ...object, metadata: { ...object?.metadata, finalizers: ['kubesim.test/hold'] } } as KubernetesObject);
  }
  const working = cluster.intercept;
  cluster.intercept = (call) => {
    if (call.verb === 'delete' && call.reference.kind === 'ValidatingWebhookConfiguration') throw new Failure('forbidden', 'not allowed');
    return working?.(call);
  };
  const removals = await clean(cluster, objects);
  expect(leftBehind(removals)).toMatchObject([
    { object: { kind: 'ValidatingWebhookConfiguration' }, result: 'failed', reason: 'not allowed' },
    { object: { kind: 'Pod' }, result: 'failed', reason: 'it is held by kubesim.test/hold' },
    { object: { kind: 'ClusterRole' }, result: 'failed', reason: 'it is held by kubesim.test/hold' },
  ]);
  expect(told(removals)).toContain('deleted Namespace');
});
