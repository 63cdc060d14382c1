import { expect, test } from 'vitest';
import { objectCreator } from '../../src/engine/create.ts';
import type { RunEvent } from '../../src/engine/events.ts';
import type { KubernetesObject } from '../../src/ports/cluster.ts';
import { Failure } from '../../src/ports/failure.ts';
import { fakeCluster } from '../fakes/cluster.ts';

const notice = { operator: 'tester@here', until: 0 };

const signal = new AbortController().signal;
const run = { id: 'k3x9', playbook: 'web-shell' };

function creatorOver(cluster = fakeCluster(), risk: 'low' | 'high' = 'low') {
  const happened: string[] = [];
  cluster.intercept = (call) => {
    if (call.verb === 'apply' && call.dryRun) happened.push(`rehearse ${call.object.kind} ${call.object.metadata.name}`);
    else if (call.verb === 'apply') {
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
  return { cluster, happened, creator: objectCreator({ cluster, run, notice, risk, now: () => 0, recordDurably }) };
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
    notice,
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

const rbac = (kind: string, more: object): KubernetesObject => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind,
  metadata: { name: 'sim-k3x9-a' },
  ...more,
});
const grant = rbac('ClusterRoleBinding', {
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'sim:nobody:k3x9' }],
});

test('what is outside of the namespace is rehearsed before anything exists, and made after what it reads', async () => {
  const { creator, happened, cluster } = creatorOver(fakeCluster(), 'high');
  await creator.create([grant, object('Pod', 'p'), rbac('ClusterRole', { rules: [] }), object('Secret', 's')], signal);
  expect(happened.slice(0, 3)).toEqual([
    'rehearse ClusterRoleBinding sim-k3x9-a',
    'rehearse ClusterRole sim-k3x9-a',
    'object-intended Namespace sim-k3x9',
  ]);
  const place = (what: string) => happened.indexOf(`apply ${what}`);
  expect(place('ClusterRoleBinding sim-k3x9-a')).toBeGreaterThan(place('ClusterRole sim-k3x9-a'));
  expect(place('Pod p')).toBeGreaterThan(place('ClusterRoleBinding sim-k3x9-a'));
  const made = cluster.objects().find(({ kind }) => kind === 'ClusterRoleBinding');
  expect(made?.metadata).toMatchObject({
    labels: { 'app.kubernetes.io/instance': 'k3x9' },
    annotations: { 'kubesim.io/created-by-run': 'k3x9' },
  });
});

test('an object outside that exists already is not taken over, and nothing is created', async () => {
  const { creator, happened, cluster } = creatorOver(fakeCluster(), 'high');
  cluster.put(rbac('ClusterRole', {}));
  await expect(creator.create([object('Secret', 's'), rbac('ClusterRole', { rules: [] })], signal)).rejects.toMatchObject({
    code: 'conflict',
    message: 'ClusterRole sim-k3x9-a exists already: its labels do not name this run',
  });
  expect(happened).toEqual([]);
});

test('where the server would refuse one outside, nothing is created', async () => {
  const { creator, happened, cluster } = creatorOver(fakeCluster(), 'high');
  const working = cluster.intercept;
  cluster.intercept = (call) => {
    if (call.verb === 'apply' && call.dryRun) throw new Failure('admission-denied', 'no grants here', { policy: 'gatekeeper' });
    return working?.(call);
  };
  await expect(creator.create([object('Secret', 's'), grant], signal)).rejects.toMatchObject({ code: 'admission-denied' });
  expect(happened).toEqual([]);
});

test('a later step may change what an earlier one made outside', async () => {
  const { creator } = creatorOver(fakeCluster(), 'high');
  await creator.create([rbac('ClusterRole', { rules: [] })], signal);
  expect(await creator.create([rbac('ClusterRole', { rules: [] })], signal)).toHaveLength(1);
});

test.each([
  ['it is stopped', (stop: AbortController) => stop.abort(new Failure('interrupted', 'stop')), 'interrupted'],
  [
    'another one fails',
    () => {
      throw new Failure('forbidden', 'no');
    },
    'forbidden',
  ],
] as const)('what was asked for outside of the namespace is there and noted before the step ends, though %s', async (_, disturb, code) => {
  const { creator, cluster, happened } = creatorOver(fakeCluster(), 'high');
  const stop = new AbortController();
  const working = cluster.intercept;
  cluster.intercept = async (call) => {
    await working?.(call);
    if (call.verb !== 'apply' || call.dryRun) return;
    // The role is slow; the configmap beside it is what goes wrong meanwhile.
    if (call.object.kind === 'ClusterRole') await new Promise((resolve) => setTimeout(resolve, 20));
    if (call.object.kind === 'ConfigMap') disturb(stop);
  };
  const role = rbac('ClusterRole', { rules: [] });
  await expect(creator.create([role, object('ConfigMap', 'c'), grant], stop.signal)).rejects.toMatchObject({ code });
  expect(happened).toContain('object-created ClusterRole sim-k3x9-a');
  expect(cluster.objects().map(({ kind }) => kind)).toContain('ClusterRole');
  expect(cluster.objects().map(({ kind }) => kind)).not.toContain('ClusterRoleBinding');
});

test('with a high risk a part of an object is judged beside the rest of it', async () => {
  const { creator, cluster } = creatorOver(fakeCluster(), 'high');
  const balancer = {
    ...object('Service', 's'),
    metadata: { name: 's', namespace: 'sim-k3x9', annotations: { 'service.beta.kubernetes.io/azure-load-balancer-internal': 'true' } },
    spec: { type: 'LoadBalancer', ports: [{ port: 80 }], loadBalancerSourceRanges: ['192.0.2.0/24'] },
  };
  const daemon = {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'd', namespace: 'sim-k3x9' },
    spec: { template: { spec: { volumes: [{ name: 'v', hostPath: { path: '/etc' } }], containers: [{ name: 'a' }] } } },
  };
  cluster.put(balancer);
  cluster.put(daemon);
  const change = (content: object, of: KubernetesObject = balancer) =>
    creator.checkChange(
      { apiVersion: of.apiVersion, kind: of.kind, namespace: 'sim-k3x9', name: of.metadata.name ?? '' },
      content as Record<string, unknown>,
      signal,
    );
  await change({ spec: { ports: [{ port: 81 }] } });
  await expect(change({ spec: { selector: { app: 'a' } } })).rejects.toMatchObject({ message: expect.stringContaining('no selector') });
  await expect(change({ spec: { loadBalancerSourceRanges: null } })).rejects.toMatchObject({
    message: expect.stringContaining('loadBalancerSourceRanges'),
  });
  const mount = {
    spec: { template: { spec: { volumes: [], containers: [{ name: 'a', volumeMounts: [{ name: 'v', mountPath: '/v' }] }] } } },
  };
  await expect(change(mount, daemon)).rejects.toMatchObject({ message: expect.stringContaining('without `readOnly: true`') });
});
