import { expect, test } from 'vitest';
import { cleanUp, leftBehind, objectsOf } from '../../src/engine/cleanup.ts';
import type { Removal } from '../../src/engine/events.ts';
import { labelsOf, namespaceObject } from '../../src/engine/identity.ts';
import type { KubernetesObject, ObjectReference } from '../../src/ports/cluster.ts';
import { type FakeCluster, fakeCluster } from '../fakes/cluster.ts';

const signal = new AbortController().signal;
const run = { id: 'k3x9', playbook: 'web-shell' };
const namespaced = (kind: string, name: string, labels = labelsOf(run)): KubernetesObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace: 'sim-k3x9', labels },
});

/** A cluster after a run: namespace, secret, pod, and the references that the log has of them. */
function afterRun(): { cluster: FakeCluster; objects: ObjectReference[] } {
  const cluster = fakeCluster();
  const objects = [namespaceObject(run), namespaced('Secret', 's'), namespaced('Pod', 'p')].map((object): ObjectReference => {
    const { apiVersion, kind, metadata } = cluster.put(object);
    return {
      apiVersion,
      kind,
      name: metadata.name ?? '',
      uid: metadata.uid ?? '',
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
    };
  });
  return { cluster, objects };
}
const clean = (cluster: FakeCluster, objects: ObjectReference[], limit = signal) =>
  cleanUp({ cluster, now: () => 0, record: () => undefined }, { runId: 'k3x9', objects }, limit);
const told = (removals: Removal[]) => removals.map(({ object, result }) => `${result} ${object.kind} ${object.name}`);
const names = (cluster: FakeCluster) => cluster.objects().map(({ kind, metadata }) => `${kind} ${metadata.name}`);

test('everything goes, last made first, and the namespace at the end', async () => {
  const { cluster, objects } = afterRun();
  const before = names(fakeCluster());
  expect(told(await clean(cluster, objects))).toEqual(['deleted Pod p', 'deleted Secret s', 'deleted Namespace sim-k3x9']);
  expect(names(cluster)).toEqual(before);
});

test('twice is no harm: what is not found is clean', async () => {
  const { cluster, objects } = afterRun();
  await clean(cluster, objects);
  const again = await clean(cluster, objects);
  expect(told(again)).toEqual(['absent Pod p', 'absent Secret s', 'absent Namespace sim-k3x9']);
  expect(leftBehind(again)).toEqual([]);
});

test('without a log the cluster alone is enough, pods made by controllers too', async () => {
  const { cluster } = afterRun();
  cluster.put(namespaced('Pod', 'made-by-a-controller'));
  expect(told(await clean(cluster, []))).toEqual(['deleted Namespace sim-k3x9']);
  expect(names(cluster)).toEqual(names(fakeCluster()));
});

test('pods are gone before the namespace is asked to go', async () => {
  const { cluster, objects } = afterRun();
  const order: string[] = [];
  cluster.intercept = (call) => {
    if (call.verb === 'delete')
      order.push(`${call.reference.kind}, pods left: ${cluster.objects().filter(({ kind }) => kind === 'Pod').length}`);
  };
  await clean(cluster, objects);
  expect(order.at(-1)).toBe('Namespace, pods left: 0');
});

test.for([
  ['labels alone', { metadata: { name: 'sim-k3x9', labels: labelsOf(run) } }, /lacks the annotation/],
  ['an annotation alone', { metadata: { name: 'sim-k3x9', annotations: { 'kubesim.io/created-by-run': 'k3x9' } } }, /labels do not name/],
] as const)('a namespace with %s is kept', async ([, change, reason]) => {
  const cluster = fakeCluster();
  cluster.put({ apiVersion: 'v1', kind: 'Namespace', ...change } as KubernetesObject);
  const removals = await clean(cluster, []);
  expect(removals).toMatchObject([{ result: 'kept', reason: expect.stringMatching(reason) }]);
  expect(leftBehind(removals)).toHaveLength(1);
  expect(names(cluster)).toContain('Namespace sim-k3x9');
});

test('a namespace of the same name that was made anew is another one', async () => {
  const { cluster, objects } = afterRun();
  const elsewhere = objects.map((object) => ({ ...object, uid: `other-${object.uid}` }));
  expect(told(await clean(cluster, elsewhere))).toEqual(['absent Pod p', 'absent Secret s', 'absent Namespace sim-k3x9']);
  expect(names(cluster)).toContain('Namespace sim-k3x9');
});

test('an object whose creation was never answered is looked up, and goes only where its labels name the run', async () => {
  const { cluster, objects } = afterRun();
  cluster.put(namespaced('ConfigMap', 'foreign', { 'app.kubernetes.io/managed-by': 'helm' }));
  const unanswered = [
    ...objects.slice(0, 1),
    { apiVersion: 'v1', kind: 'Secret', name: 's', namespace: 'sim-k3x9' },
    { apiVersion: 'v1', kind: 'ConfigMap', name: 'foreign', namespace: 'sim-k3x9' },
  ];
  const removals = await clean(cluster, unanswered);
  expect(told(removals)).toContain('kept ConfigMap foreign');
  expect(told(removals)).toContain('deleted Secret s');
});

test('what a finalizer holds is told as left behind, not waited for without end', async () => {
  const { cluster, objects } = afterRun();
  const held = namespaced('Pod', 'held');
  cluster.put({ ...held, metadata: { ...held.metadata, finalizers: ['kubesim.test/hold'] } });
  const limit = AbortSignal.timeout(150);
  const removals = await clean(cluster, objects, limit);
  expect(leftBehind(removals)).toMatchObject([{ object: { kind: 'Namespace' }, result: 'failed' }]);
});

test('the log gives each object once, with the UID where the cluster answered', () => {
  const object = { apiVersion: 'v1', kind: 'Pod', name: 'p', namespace: 'sim-k3x9' };
  const events = [
    { type: 'object-intended', object },
    { type: 'object-created', object: { ...object, uid: 'u' } },
    { type: 'object-intended', object: { ...object, name: 'q' } },
    { type: 'step-finished' },
  ];
  expect(objectsOf(events)).toEqual([
    { ...object, uid: 'u' },
    { ...object, name: 'q' },
  ]);
});

test('a pod that does not end does not keep the namespace from being asked to go', async () => {
  const { cluster, objects } = afterRun();
  const held = namespaced('Pod', 'held');
  cluster.put({ ...held, metadata: { ...held.metadata, finalizers: ['kubesim.test/hold'] } });
  const removals = await cleanUp(
    { cluster, now: () => 0, record: () => undefined, podPatience: 50 },
    { runId: 'k3x9', objects },
    AbortSignal.timeout(300),
  );
  expect(leftBehind(removals)).toMatchObject([{ object: { kind: 'Namespace' } }]);
  expect(cluster.calls.flatMap((call) => (call.verb === 'delete' ? [call.reference.kind] : []))).toContain('Namespace');
});
