import { expect, test } from 'vitest';
import type { CheckContext } from '../../src/doctor/check.ts';
import { minorVersion } from '../../src/doctor/check.ts';
import { examine } from '../../src/doctor/examine.ts';
import { checks } from '../../src/doctor/index.ts';
import type { KubernetesObject } from '../../src/ports/cluster.ts';
import { Failure } from '../../src/ports/failure.ts';
import { fakeSource } from '../fakes/alert-source.ts';
import { fakeClock } from '../fakes/clock.ts';
import { type FakeCluster, fakeCluster } from '../fakes/cluster.ts';

const pod: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'victim' },
  spec: { serviceAccountName: 'victim', containers: [] },
};

function contextOver(cluster: FakeCluster, change: Partial<CheckContext> = {}): CheckContext {
  return {
    cluster,
    charts: { render: async () => [], version: async () => ({ path: '/usr/bin/helm', version: '4.0.5' }) },
    clock: fakeClock(),
    plan: {
      objects: [pod],
      permissions: [
        { verb: 'create', group: '', resource: 'pods/exec' },
        { verb: 'list', group: 'apps', resource: 'deployments', cluster: true },
      ],
    },
    resources: [],
    signal: new AbortController().signal,
    ...change,
  };
}

const node = (name: string, change: { status?: object; spec?: object } = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  spec: { ...change.spec },
  status: {
    conditions: [{ type: 'Ready', status: 'True' }],
    nodeInfo: { architecture: 'amd64', operatingSystem: 'linux' },
    ...change.status,
  },
});

async function linesOf(id: string, context: CheckContext) {
  const examined = await examine(checks, context);
  return (examined.find((each) => each.id === id)?.lines ?? []).map(({ status, message }) => `${status}: ${message}`);
}

test('a healthy cluster is ok in every line but the sensor, which is not there', async () => {
  const cluster = fakeCluster();
  cluster.put(node('a'));
  const examined = await examine(checks, contextOver(cluster));
  expect(examined.map(({ id, lines }) => `${id}: ${lines.map(({ status }) => status)}`)).toEqual([
    'api-server: ok',
    'helm: ok',
    'permissions: ok',
    'nodes: ok',
    'pod-security: ok',
    'defender-sensor: warn',
  ]);
  expect(cluster.calls.filter((call) => call.verb === 'delete' || (call.verb === 'apply' && !call.dryRun))).toEqual([]);
});

test('each missing permission is named with verb and resource', async () => {
  const cluster = fakeCluster();
  cluster.denied.add('create pods/exec');
  expect(await linesOf('permissions', contextOver(cluster))).toEqual([
    expect.stringMatching(/^fail: create pods\/exec in a namespace of a run is not allowed/),
  ]);
});

test('a permission in a namespace of its own is asked for there, and named with it', async () => {
  const cluster = fakeCluster();
  cluster.denied.add('create pods/exec');
  const permissions = [{ verb: 'create', group: '', resource: 'pods/exec', namespace: 'shop' }];
  const context = contextOver(cluster, { plan: { objects: [], permissions }, namespace: 'staging' });
  expect(await linesOf('permissions', context)).toEqual([
    expect.stringMatching(/^fail: create pods\/exec in the namespace shop is not allowed/),
  ]);
  expect(cluster.calls).toContainEqual({ verb: 'canI', question: { verb: 'create', group: '', resource: 'pods/exec', namespace: 'shop' } });
});

test('without a plan, what depends on it is unknown', async () => {
  const { plan: _, ...context } = contextOver(fakeCluster());
  expect(await linesOf('permissions', context)).toEqual([expect.stringMatching(/^unknown/)]);
  expect(await linesOf('pod-security', context)).toEqual([expect.stringMatching(/^unknown/)]);
});

test.for([
  ['not ready', { status: { conditions: [{ type: 'Ready', status: 'False' }] } }],
  ['tainted', { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } }],
  ['cordoned', { spec: { unschedulable: true } }],
  ['a Windows node', { status: { nodeInfo: { architecture: 'amd64', operatingSystem: 'windows' } } }],
] as const)('a cluster whose only node is %s cannot take the pods', async ([, change]) => {
  const cluster = fakeCluster();
  cluster.put(node('a', change));
  expect(await linesOf('nodes', contextOver(cluster))).toEqual([expect.stringMatching(/^fail: none of the 1 nodes/)]);
});

test('architectures are counted, and those without a public image are told', async () => {
  const cluster = fakeCluster();
  cluster.put(node('a'));
  cluster.put(node('b', { status: { nodeInfo: { architecture: 's390x', operatingSystem: 'linux' } } }));
  expect(await linesOf('nodes', contextOver(cluster))).toEqual([
    'ok: 2 of 2 nodes can take the pods: 1 amd64, 1 s390x',
    expect.stringMatching(/^warn: .*s390x/),
  ]);
});

test('an admission control that refuses the pods is named', async () => {
  const cluster = fakeCluster();
  cluster.intercept = (call) => {
    if (call.verb === 'apply') throw new Failure('admission-denied', 'violates PodSecurity', { policy: 'PodSecurity "restricted"' });
  };
  expect(await linesOf('pod-security', contextOver(cluster))).toEqual([
    expect.stringMatching(/^fail: pod victim .*PodSecurity "restricted" refuses it/),
  ]);
});

test.for([
  ['tolerates the taint', { taints: [{ key: 'a', value: 'b', effect: 'NoSchedule' }] }, [{ key: 'a', value: 'b' }], true],
  ['tolerates any', { taints: [{ key: 'a', effect: 'NoExecute' }], unschedulable: true }, [{ operator: 'Exists' }], true],
  ['tolerates another value', { taints: [{ key: 'a', value: 'b', effect: 'NoSchedule' }] }, [{ key: 'a', value: 'c' }], false],
  [
    'tolerates another effect',
    { taints: [{ key: 'a', effect: 'NoExecute' }] },
    [{ key: 'a', operator: 'Exists', effect: 'NoSchedule' }],
    false,
  ],
  ['tolerates one of two', { taints: ['a', 'b'].map((key) => ({ key, effect: 'NoSchedule' })) }, [{ key: 'a', operator: 'Exists' }], false],
  ['needs to tolerate nothing', { taints: [{ key: 'a', effect: 'PreferNoSchedule' }] }, [], true],
] as const)('a node is usable where every pod %s', async ([, spec, tolerations, isUsable]) => {
  const cluster = fakeCluster();
  cluster.put(node('a', { spec }));
  const tolerant = { ...pod, spec: { tolerations } };
  const plan = (...objects: KubernetesObject[]) => ({ plan: { objects, permissions: [] } });
  expect((await linesOf('nodes', contextOver(cluster, plan(tolerant))))[0]).toMatch(isUsable ? /^ok/ : /^fail/);
  const stranger = { ...pod, metadata: { name: 'attacker' } };
  if (tolerations.length > 0) expect((await linesOf('nodes', contextOver(cluster, plan(tolerant, stranger))))[0]).toMatch(/^fail/);
});

test('the templates of workloads are tried as pods', async () => {
  const cluster = fakeCluster();
  cluster.intercept = (call) => {
    if (call.verb === 'apply') throw new Failure('admission-denied', 'no', { policy: 'p' });
  };
  const template = { metadata: { labels: { app: 'a' }, annotations: { note: 'b' } }, spec: { serviceAccountName: 'x', containers: [] } };
  const workload = (kind: string, spec: object): KubernetesObject => ({ apiVersion: 'any/v1', kind, metadata: { name: 'web' }, spec });
  const objects = [
    ...['Deployment', 'StatefulSet', 'DaemonSet', 'Job'].map((kind) => workload(kind, { template })),
    workload('CronJob', { jobTemplate: { spec: { template } } }),
    workload('Service', { selector: {} }),
  ];
  const lines = await linesOf('pod-security', contextOver(cluster, { plan: { objects, permissions: [] } }));
  const kinds = ['deployment', 'statefulset', 'daemonset', 'job', 'cronjob'];
  expect(lines).toEqual(kinds.map((kind) => expect.stringMatching(new RegExp(`^fail: ${kind} web .*p refuses it`))));
  const metadata = { name: 'sim-doctor-web', namespace: 'default', ...template.metadata };
  const tried = cluster.calls.filter((call) => call.verb === 'apply');
  expect(tried).toEqual(
    kinds.map(() => ({ verb: 'apply', dryRun: true, object: { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [] } } })),
  );
});

test('a namespace that is given is the one for the dry run and the permissions, also where it may not be read', async () => {
  const cluster = fakeCluster();
  cluster.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } });
  cluster.intercept = (call) => {
    if (call.verb === 'get') throw new Failure('forbidden', 'namespaces is forbidden');
  };
  const context = contextOver(cluster, { namespace: 'team' });
  expect(await linesOf('pod-security', context)).toEqual(["ok: the cluster admits the playbooks' pods (dry run in the namespace team)"]);
  expect(cluster.calls.flatMap((call) => (call.verb === 'canI' ? [call.question.namespace] : []))).toEqual(['team', undefined]);
});

test('an API server that does not answer is told once; what does not need it is still checked', async () => {
  const cluster = fakeCluster();
  cluster.intercept = () => {
    throw new Failure('unreachable', 'ask the version: no answer from https://x');
  };
  const examined = await examine(checks, contextOver(cluster, { resources: [] }));
  expect(examined.map(({ id, lines }) => `${id}: ${lines.map(({ status, message }) => `${status}: ${message}`)}`)).toEqual([
    'api-server: fail: ask the version: no answer from https://x',
    'helm: ok: 4.0.5 at /usr/bin/helm',
    ...['permissions', 'nodes', 'pod-security', 'defender-sensor'].map((id) => `${id}: unknown: needs the API server`),
  ]);
  expect(cluster.calls).toHaveLength(1);
});

test('the Defender sensor is found under each of its names, with its readiness, restarts and age', async () => {
  for (const name of ['microsoft-defender-collector-ds', 'microsoft-defender-collectors-ds', 'microsoft-defender-publisher-ds']) {
    const cluster = fakeCluster();
    const clock = fakeClock();
    cluster.put({
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name, namespace: 'mdc' },
      status: { desiredNumberScheduled: 3, numberReady: 2 },
    });
    cluster.put({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'collector-1', namespace: 'mdc', labels: { app: 'defender-k8s-sensor' } },
      status: { startTime: new Date(clock.now() - 60_000).toISOString(), containerStatuses: [{ name: 'publisher', restartCount: 9 }] },
    });
    expect(await linesOf('defender-sensor', contextOver(cluster, { clock }))).toEqual([
      `fail: mdc/${name}: 2 of 3 ready`,
      'warn: mdc/collector-1 started 1 min ago',
      'warn: mdc/collector-1: the container publisher was restarted 9 times',
    ]);
  }
});

test.for([
  ['v1.34.4', 'ok'],
  ['v1.29.1-gke.12', 'warn'],
  ['v1.19.0', 'fail'],
  ['weird', 'unknown'],
] as const)('an API server of version %s is %s', async ([gitVersion, status]) => {
  const cluster = { ...fakeCluster(), version: async () => ({ gitVersion, platform: 'linux/amd64' }) };
  expect(await linesOf('api-server', contextOver(cluster as FakeCluster))).toEqual([expect.stringMatching(new RegExp(`^${status}:`))]);
});

test('a check that may not look says unknown, one that breaks says fail, and the others go on', async () => {
  const cluster = fakeCluster();
  cluster.intercept = (call) => {
    if (call.verb === 'list') throw new Failure('forbidden', 'nodes is forbidden');
  };
  const charts = {
    ...contextOver(cluster).charts,
    version: () => Promise.reject(new Failure('configuration', 'helm is not on PATH', { hint: 'Install helm.' })),
  };
  const context = contextOver(cluster, { charts });
  expect(await linesOf('nodes', context)).toEqual(['unknown: nodes is forbidden']);
  expect(await linesOf('helm', context)).toEqual(['fail: helm is not on PATH']);
  expect(await linesOf('api-server', context)).toEqual([expect.stringMatching(/^ok/)]);
});

test('versions are read as numbers', () => {
  expect(minorVersion('v1.9.3')).toEqual({ major: 1, minor: 9 });
  expect(minorVersion('1.34')).toEqual({ major: 1, minor: 34 });
  expect(minorVersion('latest')).toBeUndefined();
});

test('alert sources: each with its proof and what its own check finds; one that cannot be looked at hides none', async () => {
  const sources = [
    {
      ...fakeSource(),
      check: async () => [
        { title: 'Logs', result: 'ok' as const, message: 'can be read' },
        { title: 'Clock', result: 'warning' as const, message: '6 s ahead' },
      ],
    },
    { ...fakeSource({ name: 'azure', product: 'azure' }), check: async () => Promise.reject(new Failure('unauthorized', 'no login')) },
    {
      ...fakeSource({ name: 'soc' }),
      check: async () => [{ title: 'Port', result: 'failed' as const, message: 'is taken', hint: 'Take another.' }],
    },
  ];
  expect(await linesOf('alert-sources', contextOver(fakeCluster(), { sources }))).toEqual([
    'ok: lab-falco (falco, proof: recorded payloads): Logs: can be read',
    'warn: lab-falco (falco, proof: recorded payloads): Clock: 6 s ahead',
    'fail: azure (proof: recorded payloads): no login',
    'fail: soc (falco, proof: recorded payloads): Port: is taken',
  ]);
});
