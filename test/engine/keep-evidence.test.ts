// What is kept of a miss: pods and events without what is secret, logs of sensors around the attack, bounded, and never an error.
import { expect, test } from 'vitest';
import type { RunEvent } from '../../src/engine/events.ts';
import { evidenceKeeper } from '../../src/engine/keep-evidence.ts';
import { redactor } from '../../src/engine/redact.ts';
import type { KubernetesObject } from '../../src/ports/cluster.ts';
import { Failure } from '../../src/ports/failure.ts';
import { fakeClock } from '../fakes/clock.ts';
import { fakeCluster } from '../fakes/cluster.ts';

const SECRET = 'f00dfeed'.repeat(4);
const NOW = Date.now();
const attack = { key: 'steps.1/steps.0', name: 'Scan', from: NOW, to: NOW + 200 };

const sensorPod = (name: string, node: string, restarted?: number): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'sensors', labels: { app: 'sensor' } },
  spec: { nodeName: node, containers: [{ name: 'sensor' }] },
  status: {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: 'True' }],
    containerStatuses: [
      {
        name: 'sensor',
        restartCount: restarted === undefined ? 0 : 1,
        state: { running: { startedAt: new Date(restarted ?? NOW - 60_000).toISOString() } },
      },
    ],
  },
});

function keeping(before: string[] = []) {
  const cluster = fakeCluster();
  const files = new Map<string, string>();
  const events: RunEvent[] = [];
  const log = {
    attach: async (name: string, text: string) => {
      if (!files.has(name)) files.set(name, text);
      return `/e/${name}`;
    },
  };
  const sensors = new Map([['judge', { labelSelector: 'app=sensor' }]]);
  const world = { cluster, log, clock: fakeClock(), sensors, redact: redactor([SECRET]), signal: new AbortController().signal };
  const keeper = evidenceKeeper({ ...world, record: (event) => void events.push(event) }, before);
  return { cluster, files, events, keeper, keep: (nodes = ['node-1']) => keeper.keep(['judge', 'other'], nodes, attack) };
}

test('how pods and containers are and their events, but nothing that a pod was given', async () => {
  const { cluster, files, keeper, keep } = keeping();
  const env = [{ name: 'TOKEN', value: 'a-secret-of-the-pod' }];
  cluster.put({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'victim', namespace: 'sim-k3x9' },
    spec: { nodeName: 'node-1', containers: [{ name: 'web', env }] },
    status: { phase: 'Failed', containerStatuses: [{ name: 'web', lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } } }] },
  });
  const event = (name: string, namespace: string, pod: string, message: string) =>
    cluster.put({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace },
      reason: 'Killing',
      message,
      involvedObject: { name: pod },
    });
  event('1', 'sim-k3x9', 'victim', `stopped, ${SECRET}, ${'x'.repeat(5000)}`);
  event('2', 'shop', 'cart', 'of the target');
  event('3', 'shop', 'other', 'of somebody else');
  const target = { namespace: 'shop', name: 'cart', uid: 'c', containerIds: [], hasOwnName: false };
  await keeper.lookAtPods('sim-k3x9', [target]);
  cluster.drop({ apiVersion: 'v1', kind: 'Pod', name: 'victim', namespace: 'sim-k3x9' });
  expect(await keep()).toEqual(['/e/pods.json']);
  const text = files.get('pods.json') ?? '';
  const { pods, events } = JSON.parse(text);
  expect(pods).toMatchObject([
    { name: 'victim', node: 'node-1', phase: 'Failed', containerStatuses: [{ lastState: { terminated: { exitCode: 137 } } }] },
  ]);
  expect(events.map(({ message }: { message: string }) => message.slice(0, 14))).toEqual(['stopped, ***, ', 'of the target']);
  expect(events[0].message.length).toBeLessThan(2100);
  for (const secret of [SECRET, 'a-secret-of-the-pod', 'of somebody else']) expect(text).not.toContain(secret);
});

test("sensors' logs from shortly before the attack on, of its nodes, without secrets, once for all alerts of the attack", async () => {
  const { cluster, files, events, keep } = keeping();
  for (const [name, node] of [
    ['a', 'node-1'],
    ['b', 'node-2'],
  ] as const)
    cluster.put(sensorPod(name, node));
  const pod = { namespace: 'sensors', name: 'a', container: 'sensor' };
  cluster.print(pod, 'long before', NOW - 60_000);
  cluster.print(pod, `{"argv":["curl","${SECRET}"]}`, NOW + 100);
  const path = '/e/steps.1_steps.0-judge-node-1-a-sensor.log';
  expect(await Promise.all([keep(), keep()])).toEqual([[path], [path]]);
  expect([...files.values()]).toEqual(['{"argv":["curl","***"]}\n']);
  expect(events).toMatchObject([{ type: 'evidence-kept', path }]);
});

test('a sensor that was started anew since has its log of before kept, too', async () => {
  const { cluster, keep } = keeping();
  cluster.put(sensorPod('a', 'node-1', NOW + 100));
  cluster.print({ namespace: 'sensors', name: 'a', container: 'sensor' }, 'line', NOW + 150);
  const asked = () => cluster.calls.filter(({ verb }) => verb === 'logs').length;
  await keep();
  expect(asked()).toBe(2);
});

test('a long log is cut, and says so', async () => {
  const { cluster, files, keep } = keeping();
  cluster.put(sensorPod('a', 'node-1'));
  for (let i = 0; i < 12; i++) cluster.print({ namespace: 'sensors', name: 'a', container: 'sensor' }, 'x'.repeat(100_000), NOW);
  await keep();
  const [text = ''] = files.values();
  expect(text.length).toBeLessThan(1024 * 1024 + 100);
  expect(text).toMatch(/\[cut here: the log is longer\]\n$/);
});

test('what may not be read is missing, and what an earlier look kept is named as well', async () => {
  const { cluster, keeper, keep } = keeping(['/e/pods.json']);
  cluster.intercept = () => {
    throw new Failure('forbidden', 'no');
  };
  await keeper.lookAtPods('sim-k3x9', []);
  await keeper.keepPods();
  expect(await keep()).toEqual(['/e/pods.json']);
});
