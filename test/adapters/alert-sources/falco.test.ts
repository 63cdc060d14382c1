import { expect, onTestFinished, test } from 'vitest';
import { falco, lineOf } from '../../../src/adapters/alert-sources/falco.ts';
import type { SourceEvent } from '../../../src/ports/alerts.ts';
import { Failure } from '../../../src/ports/failure.ts';
import { watch } from '../../contract/alert-source.ts';
import { type FakeCluster, fakeCluster } from '../../fakes/cluster.ts';
import { quickClock } from '../../fakes/quick-clock.ts';
import { testWorld } from './world.ts';

/** As Falco's documentation shows it, with the nanoseconds that no double holds. */
const alert = (rule: string, more: Record<string, string> = {}) =>
  `{"hostname":"node-1","output":"10:20:05.408091526: ${rule}","output_fields":{"container.id":"3ad7b26ded6d","container.name":"victim","evt.time":1727084800123456789,"k8s.ns.name":"sim-1","k8s.pod.name":"victim-0","proc.cmdline":"nmap -Pn 10.0.0.0/24","proc.pcmdline":"sh -c nmap","user.name":null},"priority":"${more.priority ?? 'Notice'}","rule":"${rule}","source":"syscall","tags":["T1046","container"],"time":"${more.time ?? '2024-09-23T09:46:40.123456789Z'}","uuid":"${more.uuid ?? rule}"}`;

const POD = { namespace: 'falco', name: 'falco-abc', container: 'falco' };
const falcoPod = (name = 'falco-abc') => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'falco', uid: `uid-${name}`, labels: { 'app.kubernetes.io/name': 'falco' } },
  spec: { containers: [{ name: 'falco' }] },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
});

function stage(settings: object = {}) {
  const cluster: FakeCluster = fakeCluster();
  cluster.put(falcoPod());
  const clock = quickClock();
  const world = testWorld(clock, { cluster: async () => cluster });
  const source = falco.create({ name: 'falco', ...settings } as Parameters<typeof falco.create>[0], world);
  return { cluster, clock, source, world };
}

test('an alert, field by field', () => {
  expect(lineOf(alert('Launch Suspicious Network Tool in Container', { uuid: 'u-1' }))).toMatchObject({
    id: 'u-1',
    name: 'Launch Suspicious Network Tool in Container',
    severity: 'low',
    techniques: ['T1046'],
    times: { first: 1_727_084_800_123.4568 },
    entities: {
      node: 'node-1',
      namespace: 'sim-1',
      pod: 'victim-0',
      container: 'victim',
      containerId: '3ad7b26ded6d',
      commandLines: ['nmap -Pn 10.0.0.0/24', 'sh -c nmap'],
    },
    raw: { output_fields: { 'evt.time': '1727084800123456789', 'user.name': null } },
  });
});

test.each(['EMERGENCY critical', 'error high', 'Warning medium', 'notice low', 'Debug informational'])(
  'priority in any case: %s',
  (words) => {
    const [priority = '', severity] = words.split(' ');
    expect(lineOf(alert('R', { priority }))).toMatchObject({ severity });
  },
);

test('what is no alert', () => {
  expect(lineOf('10:20:05.408091526: Warning Sensitive file opened (user=root)')).toBe('text');
  for (const line of ['', 'Mon Sep 23: Falco version: 0.39', '{"cut": ', '{"msg": "hello"}', '[1]']) expect(lineOf(line)).toBeUndefined();
});

test('lines that were there are the baseline; later ones are news, also of pods that come later', async () => {
  const { cluster, source, clock } = stage();
  cluster.print(POD, alert('Old'));
  const watcher = await watch(source, clock.now());
  expect(await watcher.alert('Old')).toMatchObject({ baseline: true, source: 'falco', product: 'falco' });
  cluster.print(POD, alert('New'));
  expect((await watcher.alert('New')).baseline).toBeUndefined();
  cluster.put(falcoPod('falco-later'));
  cluster.print({ ...POD, name: 'falco-later' }, alert('Elsewhere'));
  await watcher.alert('Elsewhere');
  await watcher.heartbeat();
  expect(watcher.events.filter(({ type }) => type === 'gap')).toEqual([]);
  await watcher.stop();
});

test('lost events, alerts as text, a pod that is not ready and an API server that is away are gaps', async () => {
  const { cluster, source, clock } = stage();
  const watcher = await watch(source, clock.now());
  const gap = (words: RegExp) => watcher.until(String(words), (event: SourceEvent) => event.type === 'gap' && words.test(event.reason));
  await watcher.heartbeat();
  cluster.print(POD, alert('Falco internal: syscall event drop'));
  await gap(/Falco lost events/);
  cluster.print(POD, '10:20:05.408091526: Warning Sensitive file opened (user=root)');
  await gap(/json_output/);
  const pod = falcoPod();
  cluster.put({ ...pod, status: { ...pod.status, conditions: [{ type: 'Ready', status: 'False' }] } });
  await gap(/falco\/falco-abc is not ready/);
  cluster.put(pod);
  await watcher.heartbeat();
  cluster.intercept = (call) => {
    if (call.verb === 'list') throw new Failure('unreachable', 'no answer');
  };
  await gap(/no answer/);
  cluster.intercept = undefined;
  await watcher.heartbeat();
  await watcher.stop();
});

test.each([
  ['no pod', (cluster: FakeCluster) => cluster.drop({ apiVersion: 'v1', kind: 'Pod', name: 'falco-abc', namespace: 'falco' }), 'not-found'],
  [
    'no permission',
    (cluster: FakeCluster) => {
      cluster.intercept = ({ verb }) => {
        if (verb === 'logs') throw new Failure('forbidden', 'pods/log is forbidden');
      };
    },
    'forbidden',
  ],
] as const)('%s: no waiting helps', async (_, spoil, code) => {
  const { cluster, source, clock } = stage();
  spoil(cluster);
  const ending = new AbortController();
  onTestFinished(() => ending.abort());
  await expect(source.open({ id: 'a', namespace: 'sim-a', since: clock.now() }, ending.signal)).rejects.toMatchObject({ code });
  expect(await source.check(ending.signal)).toMatchObject([{ result: 'failed' }]);
});

test('check tells whether the log is JSON', async () => {
  const { cluster, source } = stage();
  const { signal } = new AbortController();
  cluster.print(POD, alert('Old'));
  expect(await source.check(signal)).toMatchObject([{ result: 'ok', message: 'can be read: 1 alerts in their last lines' }]);
  cluster.print(POD, '10:20:05.408091526: Warning Sensitive file opened (user=root)');
  expect(await source.check(signal)).toMatchObject([{ result: 'failed', hint: expect.stringContaining('json_output=true') }]);
});

test('settings of the other way are refused', () => {
  expect(falco.problems?.({ name: 'f', port: 1 } as never)).toMatchObject([{ path: ['port'] }]);
  expect(falco.problems?.({ name: 'f', via: 'receiver', namespace: 'x' } as never)).toMatchObject([{ path: ['namespace'] }]);
});

test('the receiver takes the body of http_output, and what Falcosidekick makes of it', async () => {
  const { clock, source, world } = stage({ via: 'receiver' });
  const watcher = await watch(source, clock.now());
  const url = world.notes[0]?.split(' ').at(-1) ?? '';
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{20,}$/);
  const post = (body: string) => fetch(url, { method: 'POST', body });
  expect((await post('not JSON')).status).toBe(400);
  expect((await post('{"some": "thing"}')).status).toBe(400);
  expect((await post(alert('By http_output'))).status).toBe(204);
  await watcher.alert('By http_output');
  const custom = JSON.stringify({ ...JSON.parse(alert('By Falcosidekick')), customfields: { env: 'lab' } });
  expect((await post(custom)).status).toBe(204);
  await watcher.alert('By Falcosidekick');
  await watcher.heartbeat();
  await watcher.stop();
});
