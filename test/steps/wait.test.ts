// The step `wait`: kubectl's words, CEL, log lines and durations; by watch alone, and saying what it waits for.
import { describe, expect, test } from 'vitest';
import { checkBody } from '../../src/language/check-body.ts';
import { wait } from '../../src/steps/wait.ts';
import { namespace, readyPod, runStep, type StepBench, stepBench, until } from './context.ts';

const notReady = (message = 'containers with unready status') => ({
  phase: 'Running',
  conditions: [{ type: 'Ready', status: 'False', reason: 'ContainersNotReady', message }],
});
const verbsOf = ({ cluster }: StepBench) => [...new Set(cluster.calls.map(({ verb }) => verb))];

/** Starts to wait, and resolves once the step has said so much. */
async function started(bench: StepBench, body: object, sayings = 1) {
  const running = runStep(wait, body, bench);
  running.catch(() => undefined);
  await until(() => bench.said.length >= sayings);
  return { running };
}

test('a duration passes on the clock', async () => {
  const bench = await stepBench();
  const { running } = await started(bench, { duration: '1m30s' });
  expect(bench.said).toEqual(['waiting 1m30s']);
  expect(bench.sleeps).toMatchObject([{ milliseconds: 90_000 }]);
  bench.sleeps[0]?.end();
  expect(await running).toEqual({});
});

test('a duration ends with the step', async () => {
  const bench = await stepBench();
  const { running } = await started(bench, { duration: '2s' });
  bench.abort('interrupted');
  await expect(running).rejects.toMatchObject({ code: 'interrupted' });
});

describe('a condition', () => {
  test.each([
    ['condition=Ready', 'pod/victim'],
    ['condition=ready=true', 'pods/victim'],
    ['condition=Ready', { apiVersion: 'v1', kind: 'Pod', name: 'victim' }],
    ['create', 'po/victim'],
  ])('%s on %j holds already', async (what, on) => {
    const bench = await stepBench({ pods: ['victim'] });
    expect((await runStep(wait, { for: what, on }, bench)).outputs).toMatchObject({ object: { metadata: { name: 'victim' } } });
    expect(bench.said).toEqual([]);
    expect(verbsOf(bench)).toEqual(['watch']);
  });

  test('comes, and until then it says what is', async () => {
    const bench = await stepBench();
    bench.cluster.put(readyPod('late', notReady()));
    const { running } = await started(bench, { for: 'condition=Ready', on: 'pod/late' });
    expect(bench.said).toEqual(['waiting for Pod late: Ready=True; now: Ready=False (ContainersNotReady: containers with unready status)']);
    bench.cluster.put(readyPod('late', notReady('still')));
    await until(() => bench.said.length === 2);
    bench.cluster.put(readyPod('late'));
    expect((await running).outputs).toMatchObject({ object: { metadata: { name: 'late' } } });
    const watches = bench.cluster.calls.filter(({ verb }) => verb === 'watch');
    expect(watches).toMatchObject([{ query: { apiVersion: 'v1', kind: 'Pod', namespace, fieldSelector: 'metadata.name=late' } }]);
  });

  test('may be False, and must not be of an older generation', async () => {
    const bench = await stepBench();
    const conditions = (observedGeneration: number) => ({ conditions: [{ type: 'Available', status: 'False', observedGeneration }] });
    const web = (generation: number) => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace, generation: 2 },
      status: conditions(generation),
    });
    bench.cluster.put(web(1));
    const { running } = await started(bench, { for: 'condition=Available=False', on: 'deploy/web' });
    expect(bench.said[0]).toContain('now: Available=False of an older generation');
    bench.cluster.put(web(2));
    await running;
  });

  test('of an object that does not exist, or no longer, is a clear failure', async () => {
    const bench = await stepBench({ pods: ['victim'] });
    bench.cluster.put(readyPod('late', notReady()));
    await expect(runStep(wait, { for: 'condition=Ready', on: 'pod/gone' }, bench)).rejects.toMatchObject({
      code: 'not-found',
      message: 'Pod gone does not exist',
      details: { hint: 'Wait for it with `for: create` first.' },
    });
    const { running } = await started(bench, { for: 'condition=Ready', on: 'pod/late' });
    bench.cluster.drop({ apiVersion: 'v1', kind: 'Pod', name: 'late', namespace });
    await expect(running).rejects.toMatchObject({ code: 'not-found', message: 'Pod late was deleted while it was awaited' });
  });

  test('that never comes: the note says how far it was', async () => {
    const bench = await stepBench({ pods: ['victim'] });
    const { running } = await started(bench, { for: 'condition=Drained', on: 'pod/victim' });
    bench.abort();
    await expect(running).rejects.toMatchObject({ code: 'timeout' });
    expect(bench.notes).toEqual(['waiting for Pod victim: Drained=True; now: no condition Drained yet']);
  });
});

test('create: comes into being', async () => {
  const bench = await stepBench();
  const { running } = await started(bench, { for: 'create', on: 'cm/late' });
  expect(bench.said).toEqual(['waiting for ConfigMap late: to exist; now: not there yet']);
  bench.cluster.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'late', namespace } });
  expect((await running).outputs).toMatchObject({ object: { kind: 'ConfigMap' } });
});

test('delete: is gone, or never was', async () => {
  const bench = await stepBench({ pods: ['victim'] });
  expect((await runStep(wait, { for: 'delete', on: 'pod/gone' }, bench)).outputs).toEqual({ object: {} });
  const { running } = await started(bench, { for: 'delete', on: 'pod/victim' });
  const going = readyPod('victim');
  bench.cluster.put({ ...going, metadata: { ...going.metadata, deletionTimestamp: 'now', finalizers: ['a/b'] } });
  await until(() => bench.said.length === 2);
  expect(bench.said.at(-1)).toBe('waiting for Pod victim: to be gone; now: being deleted, held by a/b');
  bench.cluster.drop({ apiVersion: 'v1', kind: 'Pod', name: 'victim', namespace });
  expect((await running).outputs).toEqual({ object: {} });
});

test('until: CEL over the object; while it cannot be evaluated it does not hold', async () => {
  const bench = await stepBench();
  bench.cluster.put({ ...readyPod('late'), status: {} });
  const { running } = await started(bench, { until: 'object.status.phase == "Running"', on: 'pod/late' });
  expect(bench.said[0]).toBe('waiting for Pod late: object.status.phase == "Running"; now: no such key: phase');
  bench.cluster.put(readyPod('late'));
  await running;
  await expect(runStep(wait, { until: 'object.kind', on: 'pod/late' }, bench)).rejects.toMatchObject({
    code: 'invalid',
    message: '`object.kind` must give true or false',
  });
});

test('a role stands for its pod', async () => {
  const bench = await stepBench({ pod: async () => ({ namespace, name: 'web-0' }) });
  bench.cluster.put(readyPod('web-0'));
  expect((await runStep(wait, { for: 'condition=Ready', on: 'pod/web' }, bench)).outputs).toMatchObject({
    object: { metadata: { name: 'web-0' } },
  });
});

test('kinds: outside namespaces, in another namespace, and those only the cluster knows', async () => {
  const bench = await stepBench();
  await runStep(wait, { for: 'create', on: 'ns/default' }, bench);
  bench.cluster.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'kube-system' } });
  await runStep(wait, { for: 'create', on: { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', namespace: 'kube-system' } }, bench);
  expect(verbsOf(bench)).toEqual(['watch']);
  bench.cluster.put({ apiVersion: 'v1', kind: 'Event', metadata: { name: 'e', namespace } });
  await runStep(wait, { for: 'create', on: 'events/e' }, bench);
  expect(verbsOf(bench)).toEqual(['watch', 'resources']);
  await expect(runStep(wait, { for: 'create', on: 'widgets.example.com/x' }, bench)).rejects.toMatchObject({
    code: 'not-found',
    message: 'the cluster serves no kind `widgets.example.com`',
  });
});

describe('a line of a log', () => {
  test.each([
    [{ contains: 'started' }, 'server started'],
    [{ matches: '^port \\d+$' }, 'port 80'],
  ])('%j is found, before or after it is printed', async (how, line) => {
    const bench = await stepBench({ pods: ['victim'] });
    const pod = { namespace, name: 'victim' };
    bench.cluster.print(pod, 'something else');
    const { running } = await started(bench, { log: { pod: 'victim', ...how } });
    bench.cluster.print(pod, line);
    expect(await running).toEqual({ outputs: { line } });
    expect(await runStep(wait, { log: { pod: 'victim', ...how } }, bench)).toEqual({ outputs: { line } });
  });

  test('a log that ends without it is a mismatch', async () => {
    const bench = await stepBench({ pods: ['victim'] });
    bench.cluster.logs = async function* () {
      yield 'a';
    };
    const { mismatches } = await runStep(wait, { log: { pod: 'victim', contains: 'b' } }, bench);
    expect(mismatches).toEqual(['log: expected a line with b in the log of sim-k3x9/victim, but it ended after 1 lines']);
  });

  test('one that does not come: the note says how much was read', async () => {
    const bench = await stepBench({ pods: ['victim'] });
    bench.cluster.print({ namespace, name: 'victim' }, 'a');
    const { running } = await started(bench, { log: { pod: 'victim', contains: 'b' } });
    await until(() => bench.cluster.calls.some(({ verb }) => verb === 'logs'));
    await until(() => true);
    bench.abort();
    await expect(running).rejects.toMatchObject({ code: 'timeout' });
    expect(bench.notes).toEqual([
      expect.stringMatching(/^waited for a line with b in the log of sim-k3x9\/victim: read [01] other lines$/),
    ]);
  });
});

test.each([
  [{}, 'needs one of `duration`, `for`, `until`, `log`'],
  [{ duration: '2s', log: { pod: 'a', contains: 'b' } }, 'can have only one of'],
  [{ for: 'delete' }, 'needs `on` beside it'],
  [{ duration: '2s', on: 'pod/a' }, 'needs one of `for`, `until`'],
  [{ for: 'jsonpath={.a}', on: 'pod/a' }, 'must be `condition=Ready`'],
  [{ for: 'delete', on: 'victim' }, 'must be `kind/name`'],
  [{ log: { pod: 'a' } }, 'needs one of `contains`, `matches`'],
])('%j does not fit', (body, problem) => expect(checkBody(wait, body)).toEqual([expect.stringContaining(problem)]));

test.each([
  [{ duration: '2s' }, [], 'wait 2s'],
  [
    { for: 'delete', on: 'netpol/x' },
    ['list networkpolicies.networking.k8s.io', 'watch networkpolicies.networking.k8s.io'],
    'wait for delete of netpol/x',
  ],
  [{ for: 'create', on: 'node/x' }, ['list nodes. (cluster)', 'watch nodes. (cluster)'], 'wait for create of node/x'],
  [
    { until: 'true', on: 'widgets.example.com/x' },
    ['list widgets.example.com', 'watch widgets.example.com'],
    'wait for true of widgets.example.com/x',
  ],
  [
    { for: 'create', on: { apiVersion: 'example.com/v1', kind: 'Widget', name: 'x' } },
    ['list widgets.example.com', 'watch widgets.example.com'],
    'wait for create of Widget x',
  ],
  [{ log: { pod: 'victim', contains: 'x' } }, ['list pods.', 'get pods/log.'], 'wait for a line with x in the log of victim'],
])('permissions and plan of %j', (body, permissions, plan) => {
  const asked = wait
    .permissions?.(body)
    .map(({ verb, group, resource, cluster }) => `${verb} ${resource}.${group}${cluster ? ' (cluster)' : ''}`);
  expect(asked).toEqual(permissions);
  expect(wait.plan(body)).toBe(plan);
});
