import { expect, test } from 'vitest';
import { objectCreator } from '../../src/engine/create.ts';
import type { RunEvent } from '../../src/engine/events.ts';
import type { KubernetesObject } from '../../src/ports/cluster.ts';
import { Failure } from '../../src/ports/failure.ts';
import { fakeCluster } from '../fakes/cluster.ts';

const signal = new AbortController().signal;
const run = { id: 'k3x9', playbook: 'web-shell' };

function creatorOver(cluster = fakeCluster()) {
  const happened: string[] = [];
  cluster.intercept = (call) => {
    if (call.verb === 'apply') {
      happened.push(`apply ${call.object.kind} ${call.object.metadata.name}`);
      // What a controller does to a new namespace.
      if (call.object.kind === 'Namespace')
        setImmediate(() =>
          cluster.put({
            apiVersion: 'v1',
            kind: 'ServiceAccount',
            metadata: { name: 'default', namespace: call.object.metadata.name ?? '' },
          }),
        );
    }
  };
  const recordDurably = async (events: readonly RunEvent[]) => {
    for (const event of events) if ('object' in event) happened.push(`${event.type} ${event.object.kind} ${event.object.name}`);
  };
  return { cluster, happened, creator: objectCreator({ cluster, run, risk: 'low', now: () => 0, recordDurably }) };
}
const object = (kind: string, name: string): KubernetesObject => ({ apiVersion: 'v1', kind, metadata: { name } });

test('each object is written down before it is created, the namespace first, pods last', async () => {
  const { creator, happened, cluster } = creatorOver();
  const made = await creator.create([object('Pod', 'p'), object('Secret', 's')], signal);
  expect(happened.indexOf('object-intended Namespace sim-k3x9')).toBe(0);
  for (const what of ['Namespace sim-k3x9', 'Secret s', 'Pod p']) {
    const [intended, applied, created] = ['object-intended', 'apply', 'object-created'].map((verb) => happened.indexOf(`${verb} ${what}`));
    expect([intended, applied, created], what).toEqual([intended, applied, created].sort((a, b) => (a ?? 0) - (b ?? 0)));
    expect(intended, what).toBeGreaterThanOrEqual(0);
  }
  expect(happened.indexOf('apply Pod p')).toBeGreaterThan(happened.indexOf('object-created Secret s'));
  expect(made.map(({ kind, metadata }) => `${kind} ${metadata.namespace}`)).toEqual(['Pod sim-k3x9', 'Secret sim-k3x9']);
  expect(await cluster.get({ apiVersion: 'v1', kind: 'Namespace', name: 'sim-k3x9' }, signal)).toMatchObject({
    metadata: { annotations: { 'kubesim.io/created-by-run': 'k3x9' } },
  });
});

test('the namespace is made once', async () => {
  const { creator, happened } = creatorOver();
  await creator.create([object('ConfigMap', 'a')], signal);
  await creator.create([object('ConfigMap', 'b')], signal);
  expect(happened.filter((it) => it === 'apply Namespace sim-k3x9')).toHaveLength(1);
});

test('where one object is refused, nothing at all is created', async () => {
  const { creator, happened } = creatorOver();
  await expect(
    creator.create([object('ConfigMap', 'a'), { ...object('ConfigMap', 'b'), metadata: { name: 'b', namespace: 'default' } }], signal),
  ).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringContaining('ConfigMap b'),
  });
  expect(happened).toEqual([]);
});

test('an object whose note cannot be written is not created', async () => {
  const cluster = fakeCluster();
  const creator = objectCreator({
    cluster,
    run,
    risk: 'low',
    now: () => 0,
    recordDurably: () => Promise.reject(new Failure('storage', 'disk full')),
  });
  await expect(creator.create([object('ConfigMap', 'a')], signal)).rejects.toMatchObject({ code: 'storage' });
  expect(cluster.calls.filter(({ verb }) => verb === 'apply')).toEqual([]);
});

test('a namespace of that name which exists already is not taken over', async () => {
  const { creator, cluster, happened } = creatorOver();
  cluster.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'sim-k3x9' } });
  await expect(creator.create([object('ConfigMap', 'a')], signal)).rejects.toMatchObject({ code: 'conflict' });
  expect(happened).toEqual([]);
});

test('after a failure a later step may have more luck', async () => {
  const { creator, cluster } = creatorOver();
  const working = cluster.intercept;
  cluster.intercept = () => {
    throw new Failure('throttled', 'too many requests');
  };
  await expect(creator.create([object('ConfigMap', 'a')], signal)).rejects.toMatchObject({ code: 'throttled' });
  cluster.intercept = working;
  expect(await creator.create([object('ConfigMap', 'a')], signal)).toHaveLength(1);
});

test('the namespace is created to the end though the step is stopped: cleanup must find it', async () => {
  const { creator, cluster } = creatorOver();
  const stop = new AbortController();
  const working = cluster.intercept;
  cluster.intercept = async (call) => {
    if (call.verb === 'apply') stop.abort(new Failure('interrupted', 'stop'));
    await working?.(call);
  };
  await expect(creator.create([object('ConfigMap', 'a')], stop.signal)).rejects.toMatchObject({ code: 'interrupted' });
  expect(cluster.objects().map(({ metadata }) => metadata.name)).toContain('sim-k3x9');
});

test('an adopted object is checked, labelled and written down, and the namespace is there; only `created` says that it exists', async () => {
  const { creator, happened, cluster } = creatorOver();
  const ours = await creator.adopt(object('ConfigMap', 'a'), signal);
  expect(ours.metadata).toMatchObject({ name: 'a', namespace: 'sim-k3x9', labels: { 'app.kubernetes.io/instance': 'k3x9' } });
  const before = ['object-intended Namespace sim-k3x9', 'apply Namespace sim-k3x9', 'object-created Namespace sim-k3x9'];
  expect(happened).toEqual([...before, 'object-intended ConfigMap a']);
  await creator.created({ ...ours, metadata: { ...ours.metadata, uid: 'u' } });
  expect(happened.at(-1)).toBe('object-created ConfigMap a');
  expect(cluster.objects().filter(({ kind }) => kind === 'ConfigMap')).toEqual([]);
  await expect(creator.adopt({ ...object('Pod', 'p'), spec: { hostPID: true } }, signal)).rejects.toMatchObject({ code: 'invalid' });
  expect(happened.filter((it) => it.includes('Pod p'))).toEqual([]);
});

test("a change is refused outside of the run's namespace, unless the run made the object", async () => {
  const { creator } = creatorOver();
  const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: 'r' };
  const refusal = { code: 'invalid', message: expect.stringContaining('was not made by this run') };
  await expect(creator.checkChange(role, undefined, signal)).rejects.toMatchObject(refusal);
  await creator.created({ apiVersion: role.apiVersion, kind: role.kind, metadata: { name: 'r', uid: 'u' } });
  await creator.checkChange(role, undefined, signal);
});

test('a change may not make of an object what could not be created', async () => {
  const { creator } = creatorOver();
  const pod = { apiVersion: 'v1', kind: 'Pod', namespace: 'sim-k3x9', name: 'p' };
  await creator.checkChange(pod, { metadata: { labels: { a: 'b' } } }, signal);
  for (const [content, words] of [
    [{ spec: { hostNetwork: true } }, 'hostNetwork'],
    [{ spec: { ephemeralContainers: [{ name: 'root', securityContext: { privileged: true } }] } }, 'container root is privileged'],
    [{ metadata: { namespace: 'default' } }, 'its namespace is default'],
  ] as const)
    await expect(creator.checkChange(pod, content, signal)).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining(words),
    });
});
