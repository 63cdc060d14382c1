// The step `deploy`: where objects come from, when they are ready, and how soon and clearly it fails where they never will be.
import { describe, expect, test } from 'vitest';
import { checkBody } from '../../src/language/check-body.ts';
import { checkSchema } from '../../src/language/schema-check.ts';
import type { KubernetesObject } from '../../src/ports/cluster.ts';
import { Failure } from '../../src/ports/failure.ts';
import { deploy } from '../../src/steps/deploy.ts';
import { namespace, runStep, type StepBench, stepBench, until } from './context.ts';

const configMap = (name: string, more: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...more },
});
const pod = (name: string, spec: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { role: name } },
  spec: { containers: [{ name, image: 'x' }], ...spec },
});
const labels = { app: 'web' };
const deployment: KubernetesObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [] } } },
};
const roles = { victim: { labels: { role: 'victim' } } };

describe('objects', () => {
  const objectsOf = (body: object, { context }: StepBench) => deploy.objects?.(body, context);

  test('of a chart: by its path from the folder of the playbook, or as it is named', async () => {
    const charts = { '/playbooks/../charts/simulation': [pod('victim')], 'oci://registry/chart': [configMap('a')] };
    const bench = await stepBench({ charts, kubeVersion: '1.34.4' });
    expect(await objectsOf({ chart: '../charts/simulation', values: { a: 1 } }, bench)).toEqual([pod('victim')]);
    const asked = { chart: '/playbooks/../charts/simulation', release: 'sim', namespace, values: { a: 1 }, kubeVersion: '1.34.4' };
    expect(bench.context.charts).toMatchObject({ asked });
    expect(await objectsOf({ chart: 'oci://registry/chart' }, bench)).toEqual([configMap('a')]);
  });

  test('of manifests: files with several documents and lists, and objects written out', async () => {
    const list = 'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: b}}\n';
    const files = { '/playbooks/manifests/a.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\n---\n${list}` };
    const found = await objectsOf({ manifests: ['manifests/a.yaml', configMap('c')] }, await stepBench({ files }));
    expect(found?.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(['ConfigMap a', 'Secret b', 'ConfigMap c']);
  });

  test.each([
    ['a file that is not there', { manifests: ['gone.yaml'] }, 'not-found', 'gone.yaml does not exist'],
    ['a file that is no YAML', { manifests: ['bad.yaml'] }, 'invalid', 'manifest bad.yaml cannot be read: '],
    [
      'a file with something else',
      { manifests: ['other.yaml'] },
      'invalid',
      'manifest other.yaml holds a document that is no Kubernetes object',
    ],
    ['a chart that is not there', { chart: 'gone' }, 'invalid', 'chart "/playbooks/gone" does not exist'],
    [
      'a Helm hook',
      { manifests: [configMap('a', { annotations: { 'helm.sh/hook': 'pre-install' } })] },
      'invalid',
      'ConfigMap a is a Helm hook',
    ],
    ['a CRD', { manifests: [{ ...configMap('a'), kind: 'CustomResourceDefinition' }] }, 'invalid', 'would change the whole cluster'],
  ])('%s fails', async (_, body, code, message) => {
    const files = { '/playbooks/bad.yaml': 'a: [', '/playbooks/other.yaml': 'just text' };
    await expect(objectsOf(body, await stepBench({ files }))).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });
});

test.each([
  [{ chart: '/abs' }, '`chart` must be a path that starts at the playbook'],
  [{ chart: 'https://a/b.tgz' }, '`chart` must be a path'],
  [{ manifests: ['/etc/passwd'] }, 'must be a path that starts at the playbook'],
  [{ manifests: [{ kind: 'Pod', metadata: { name: 'a' } }] }, 'lacks the key `apiVersion`'],
  [{ manifests: ['a'], values: {} }, 'needs `chart` beside it'],
  [{ chart: 'a', manifests: ['a'] }, 'can have only one of `chart`, `manifests`'],
  [{ roles: {} }, 'needs one of `chart`, `manifests`'],
  [{ chart: 'a', roles: { 'a b': { labels: { a: 'b' } } } }, '`a b` must begin with a letter'],
])('%j does not fit', (body, problem) => expect(checkBody(deploy, body)).toEqual([expect.stringContaining(problem)]));

test('what a file is called and what an object is may use inputs only; what is in the object may use all', () => {
  const { places } = checkSchema(deploy.schema, { manifests: ['a.yaml', pod('x')] }, { name: 'deploy', expressions: true });
  expect(places.map(({ path, mode }) => `${path.join('.')} ${mode}`)).toEqual([
    'manifests.0 inputs',
    'manifests.1.apiVersion inputs',
    'manifests.1.kind inputs',
  ]);
});

const deployed = (bench: StepBench, ...manifests: KubernetesObject[]) => runStep(deploy, { manifests, roles }, bench);

test('waits until the pods are ready, and makes the roles known', async () => {
  const bench = await stepBench();
  bench.cluster.podStatus = () => ({ phase: 'Running', podIP: '10.1.2.3', conditions: [{ type: 'Ready', status: 'True' }] });
  const { outputs } = await deployed(bench, configMap('a'), pod('victim'), deployment);
  expect(outputs).toEqual({ pods: { victim: { name: 'victim', ip: '10.1.2.3' } } });
  expect(bench.roles).toEqual(roles);
  const watched = bench.cluster.calls.flatMap((call) => (call.verb === 'watch' ? [`${call.query.kind} ${call.query.namespace}`] : []));
  // One watch per kind, however many objects there are.
  expect(watched).toContain(`Pod ${namespace}`);
  expect(new Set(watched).size).toBe(watched.length);
  expect(bench.cluster.calls.filter(({ verb }) => verb === 'get' || verb === 'list')).toEqual([]);
});

test('nothing to wait for: no watch', async () => {
  const bench = await stepBench();
  expect(await deployed(bench, configMap('a'))).toEqual({ outputs: { pods: {} } });
  expect(bench.cluster.calls.map(({ verb }) => verb)).toEqual(['apply']);
});

/** Deploys a pod that gets this status, in a cluster with this event. */
async function failing(status: object, { event, object = pod('victim') }: { event?: string; object?: KubernetesObject } = {}) {
  const bench = await stepBench();
  bench.cluster.podStatus = () => status as Record<string, unknown>;
  const involvedObject = { kind: 'Pod', name: 'victim', namespace };
  for (const [index, message] of ['an older one', event, 'Error: ErrImagePull'].entries())
    if (event)
      bench.cluster.put({
        ...configMap(`e${index}`, { namespace }),
        kind: 'Event',
        type: 'Warning',
        message,
        involvedObject,
        lastTimestamp: `2026-01-01T00:00:0${index}Z`,
      });
  return { bench, running: deployed(bench, object) };
}

test('an image that cannot be pulled fails at once, with what the event says', async () => {
  const waiting = { reason: 'ImagePullBackOff', message: 'Back-off pulling image "x"' };
  const { running } = await failing(
    { phase: 'Pending', containerStatuses: [{ name: 'c', state: { waiting } }] },
    { event: 'Failed to pull image "x": not found' },
  );
  await expect(running).rejects.toMatchObject({
    code: 'pod-failed',
    message: 'pod victim is not getting ready: ImagePullBackOff: Back-off pulling image "x"; Failed to pull image "x": not found',
    details: { hint: expect.stringContaining('Is the image named right') },
  });
});

test('a container that ends fails at once', async () => {
  const containerStatuses = [{ name: 'c', state: { terminated: { exitCode: 2, reason: 'Error' } } }];
  const { running } = await failing({ phase: 'Failed', containerStatuses }, { object: pod('victim', { restartPolicy: 'Never' }) });
  await expect(running).rejects.toMatchObject({
    code: 'pod-failed',
    message: 'pod victim is not getting ready: Error: container c ended with exit code 2',
  });
});

test('a failing pod of a workload fails the step; pods of others do not', async () => {
  const bench = await stepBench();
  const crash = { phase: 'Running', containerStatuses: [{ name: 'c', state: { waiting: { reason: 'CrashLoopBackOff' } } }] };
  bench.cluster.put({ ...pod('stranger'), metadata: { name: 'stranger', namespace, labels: { app: 'other' } }, status: crash });
  await deployed(bench, pod('victim'));
  bench.cluster.podStatus = () => crash;
  const scarce = { ...deployment, metadata: { name: 'web', generation: 2 } };
  await expect(deployed(bench, scarce)).rejects.toMatchObject({
    message: expect.stringContaining('pod web-0 is not getting ready: CrashLoopBackOff'),
  });
});

describe('a pod that no node takes', () => {
  const message = '0/1 nodes are available: 1 Insufficient cpu.';
  const homeless = { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }] };

  test('fails after a time of grace, with what the scheduler says', async () => {
    const { bench, running } = await failing(homeless);
    running.catch(() => undefined);
    await until(() => bench.sleeps.length > 0);
    expect(bench.said.at(-1)).toBe('waiting for pod victim (Unschedulable)');
    expect(bench.sleeps).toMatchObject([{ milliseconds: 10_000 }]);
    bench.sleeps[0]?.end();
    await expect(running).rejects.toMatchObject({
      code: 'pod-failed',
      message: `pod victim is not getting ready: Unschedulable: ${message}`,
    });
  });

  test('goes on where one comes', async () => {
    const { bench, running } = await failing(homeless);
    await until(() => bench.sleeps.length > 0);
    const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
    bench.cluster.put({ ...pod('victim'), metadata: { ...pod('victim').metadata, namespace }, status: ready });
    expect((await running).outputs).toEqual({ pods: { victim: { name: 'victim', ip: '' } } });
    expect(bench.sleeps).toEqual([]);
  });
});

describe('a workload that cannot create its pods', () => {
  /** Lets the watches tell what they have. */
  const someTurns = async () => {
    let turns = 10;
    await until(() => turns-- === 0);
  };
  const workload = (kind: string, spec: object = {}): KubernetesObject => ({
    apiVersion: kind === 'Job' ? 'batch/v1' : 'apps/v1',
    kind,
    metadata: { name: 'web' },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [] } }, ...spec },
  });
  const denial = new Failure('admission-denied', 'violates PodSecurity', { policy: 'PodSecurity restricted' });
  const said = 'pods "web-x" is forbidden: violates PodSecurity';

  /** Tells the workload's event once that somebody watches for it; a Deployment has a condition instead. */
  function refuse(bench: StepBench, kind: string, about: object = {}) {
    const { cluster } = bench;
    if (kind === 'Deployment') {
      const status = { conditions: [{ type: 'ReplicaFailure', status: 'True', message: said }] };
      cluster.put({ ...workload(kind), metadata: { name: 'web', namespace }, status });
    } else {
      const event = { reason: 'FailedCreate', message: `Error creating: ${said}`, involvedObject: { kind, name: 'web', ...about } };
      cluster.put({ ...configMap('event', { namespace }), kind: 'Event', ...event });
    }
  }

  async function refused(kind: string, { dryRun, spec, about }: { dryRun?: () => void; spec?: object; about?: object } = {}) {
    const bench = await stepBench();
    bench.cluster.podStatus = () => undefined;
    bench.cluster.intercept = (call) => {
      if (call.verb === 'apply' && call.dryRun) dryRun?.();
      if (call.verb === 'watch' && call.query.kind === kind) refuse(bench, kind, about);
    };
    const running = deployed(bench, workload(kind, spec));
    running.catch(() => undefined);
    return { bench, running };
  }

  test.each(['Deployment', 'StatefulSet', 'DaemonSet', 'Job'])('%s: the API server itself says which control it was', async (kind) => {
    const { running } = await refused(kind, {
      dryRun: () => {
        throw denial;
      },
      // What the fake would make the pods of itself.
      spec: kind === 'Deployment' ? { replicas: 2 } : {},
    });
    await expect(running).rejects.toMatchObject({ code: 'admission-denied', details: { policy: 'PodSecurity restricted' } });
  });

  test('what a StatefulSet claims is there for the dry run', async () => {
    const { bench, running } = await refused('StatefulSet', { spec: { volumeClaimTemplates: [{ metadata: { name: 'data' } }] } });
    await until(() => bench.cluster.calls.some((call) => call.verb === 'apply' && call.dryRun));
    expect(bench.cluster.calls.find((call) => call.verb === 'apply' && call.dryRun)).toMatchObject({
      object: { kind: 'Pod', spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] } },
    });
    bench.abort();
    await expect(running).rejects.toMatchObject({ code: 'timeout' });
  });

  test('for any other reason it fails where no pod comes in the time of grace', async () => {
    const { bench, running } = await refused('Job');
    await until(() => bench.sleeps.length > 0);
    expect(bench.sleeps).toMatchObject([{ milliseconds: 10_000 }]);
    bench.sleeps[0]?.end();
    await expect(running).rejects.toMatchObject({ code: 'pod-failed', message: `job web cannot create its pods: ${said}` });
  });

  test('goes on where a pod comes after all', async () => {
    const { bench, running } = await refused('Job');
    await until(() => bench.sleeps.length > 0);
    bench.cluster.put({ ...pod('web-y'), metadata: { name: 'web-y', namespace, labels } });
    await someTurns();
    bench.sleeps[0]?.end();
    bench.cluster.put({ ...workload('Job'), metadata: { name: 'web', namespace }, status: { ready: 1 } });
    expect(await running).toEqual({ outputs: { pods: {} } });
  });

  test.each([{ name: 'other' }, { kind: 'Pod' }, { uid: 'of one before' }])(
    'an event of another object says nothing: %j',
    async (about) => {
      const { bench, running } = await refused('Job', {
        about,
        dryRun: () => {
          throw denial;
        },
      });
      await until(() => bench.said.some((text) => text.startsWith('waiting for')));
      await someTurns();
      bench.cluster.put({ ...workload('Job'), metadata: { name: 'web', namespace }, status: { ready: 1 } });
      expect(await running).toEqual({ outputs: { pods: {} } });
    },
  );

  test('who may not read events waits all the same', async () => {
    const bench = await stepBench();
    bench.cluster.intercept = (call) => {
      if (call.verb === 'watch' && call.query.kind === 'Event') throw new Failure('forbidden', 'events is forbidden');
    };
    expect(await deployed(bench, deployment)).toEqual({ outputs: { pods: {} } });
  });
});

test('what is deleted while it is awaited fails', async () => {
  const bench = await stepBench();
  bench.cluster.podStatus = () => undefined;
  const running = deployed(bench, pod('victim'));
  running.catch(() => undefined);
  await until(() => bench.said.includes('waiting for pod victim (Pending)'));
  bench.cluster.drop({ apiVersion: 'v1', kind: 'Pod', name: 'victim', namespace });
  await expect(running).rejects.toMatchObject({ code: 'pod-failed', message: 'pod victim was deleted while it was awaited' });
});

test('when its time is up, the note says what is not ready, and why', async () => {
  const { bench, running } = await failing(
    { phase: 'Pending', containerStatuses: [{ name: 'c', state: { waiting: { reason: 'ContainerCreating' } } }] },
    { event: 'MountVolume.SetUp failed' },
  );
  running.catch(() => undefined);
  await until(() => bench.said.includes('waiting for pod victim (ContainerCreating)'));
  bench.abort();
  await expect(running).rejects.toMatchObject({ code: 'timeout' });
  expect(bench.notes).toEqual(['not ready: pod victim (ContainerCreating): MountVolume.SetUp failed']);
});

test('the plan names what is deployed', () => {
  expect(deploy.plan({ chart: '../charts/simulation' })).toBe('deploy the chart ../charts/simulation');
  expect(deploy.plan({ manifests: ['a.yaml', pod('x')] })).toBe('deploy a.yaml, Pod x');
});

test('tells lint the files that it names: not charts of a registry, nor objects that are written out', () => {
  expect(deploy.references?.({ chart: '../charts/simulation' })).toEqual([
    { path: ['chart'], file: '../charts/simulation', kind: 'chart' },
  ]);
  expect(deploy.references?.({ chart: 'oci://registry.invalid/a' })).toEqual([]);
  expect(deploy.references?.({ manifests: [pod('x'), 'a.yaml'] })).toEqual([{ path: ['manifests', 1], file: 'a.yaml', kind: 'manifest' }]);
  expect(deploy.references?.({ manifests: '${{ inputs.objects }}' })).toEqual([]);
});
