// What is looked up of a miss: sensors on the attack's nodes, the sources' own checks, in bounded time and without a word where it fails.
import { describe, expect, test } from 'vitest';
import { lookIntoMisses } from '../../src/engine/look-into.ts';
import type { AlertSource } from '../../src/ports/alerts.ts';
import { Failure } from '../../src/ports/failure.ts';
import type { SensorPods } from '../../src/ports/miss-facts.ts';
import { fakeSource } from '../fakes/alert-source.ts';
import { fakeClock } from '../fakes/clock.ts';
import { fakeCluster } from '../fakes/cluster.ts';

const STARTED = '2026-03-01T12:00:00Z';

function sensorPod(name: string, node: string | undefined, change: { ready?: boolean; restarts?: number; owner?: string } = {}) {
  const { ready = true, restarts = 0, owner = 'collector' } = change;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'sensors', labels: { app: 'sensor' }, ownerReferences: [{ kind: 'DaemonSet', name: owner, uid: owner }] },
    spec: node === undefined ? {} : { nodeName: node },
    status: {
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      containerStatuses: [{ restartCount: restarts, state: { running: { startedAt: STARTED } } }],
    },
  };
}

function looking(change: { check?: AlertSource['check']; sensors?: Partial<SensorPods>; limit?: number } = {}) {
  const cluster = fakeCluster();
  const clock = fakeClock();
  const stop = new AbortController();
  const source = { ...fakeSource(), ...(change.check === undefined ? {} : { check: change.check }) };
  const sensors = new Map([['lab-falco', { labelSelector: 'app=sensor', ...change.sensors }]]);
  const look = lookIntoMisses(
    { sources: [source, fakeSource({ name: 'other' })], sensors, cluster, clock, signal: stop.signal },
    change.limit,
  );
  return { cluster, clock, stop, look: (nodes: string[], names = ['lab-falco']) => look(names, nodes) };
}

describe('sensors', () => {
  test('each node of the attack has its line, whatever the others have', async () => {
    const { cluster, look } = looking({ sensors: { warmUp: 900_000 } });
    cluster.put(sensorPod('a', 'node-1', { restarts: 3 }));
    cluster.put(sensorPod('b', 'node-2', { ready: false }));
    cluster.put(sensorPod('pending', undefined));
    const facts = { source: 'lab-falco', startedAt: Date.parse(STARTED), warmUp: 900_000 };
    expect((await look(['node-1', 'node-2', 'node-3'])).sensors).toEqual([
      { ...facts, node: 'node-1', state: 'ready', restarts: 3 },
      { ...facts, node: 'node-2', state: 'not ready', restarts: 0 },
      { source: 'lab-falco', node: 'node-3', state: 'absent' },
    ]);
  });

  test('of a sensor made of several pods none may be missing its readiness', async () => {
    const { cluster, look } = looking({ sensors: { daemonSets: ['collector', 'publisher'] } });
    cluster.put(sensorPod('a', 'node-1'));
    cluster.put(sensorPod('b', 'node-1', { owner: 'publisher', ready: false }));
    cluster.put(sensorPod('c', 'node-1', { owner: 'something else', ready: false }));
    expect((await look(['node-1'])).sensors).toMatchObject([{ state: 'not ready' }]);
  });

  test('no pod at all is no sensor, but where the product may run elsewhere', async () => {
    expect((await looking().look(['node-1'])).sensors).toMatchObject([{ state: 'absent' }]);
    const { cluster, look } = looking({ sensors: { mayBeElsewhere: true } });
    expect((await look(['node-1'])).sensors).toEqual([]);
    cluster.put(sensorPod('a', 'node-2'));
    expect((await look(['node-1', 'node-2'])).sensors).toMatchObject([{ state: 'absent' }, { state: 'ready' }]);
  });

  test('who may not list pods learns nothing of them', async () => {
    const { cluster, look } = looking();
    cluster.intercept = () => {
      throw new Failure('forbidden', 'pods is forbidden');
    };
    expect(await look(['node-1'])).toEqual({ sensors: [], checks: [] });
  });
});

describe('checks', () => {
  const check = { title: 'Plan', result: 'failed', message: 'it is off' } as const;

  test('are those of the sources that were asked', async () => {
    const { look } = looking({ check: async () => [check] });
    expect((await look(['node-1'])).checks).toEqual([{ source: 'lab-falco', check }]);
    expect((await look(['node-1'], ['other'])).checks).toEqual([]);
  });

  test('that fail or hang are said so', async () => {
    const broken = looking({ check: async () => Promise.reject(new Failure('unauthorized', 'the token is over')) });
    expect((await broken.look([])).checks).toMatchObject([{ check: { result: 'failed', message: 'the token is over' } }]);
    const hanging = looking({ check: () => new Promise(() => {}), limit: 20 });
    expect((await hanging.look([])).checks).toMatchObject([{ check: { message: 'it gave no answer within 0.02 s' } }]);
  });

  test('are made once for alerts that are missed together, and again later', async () => {
    let asked = 0;
    const { clock, look } = looking({ check: async () => [{ ...check, message: `${++asked}` }] });
    await Promise.all([look(['node-1']), look(['node-1'])]);
    expect(asked).toBe(1);
    clock.advance(60_000);
    expect((await look(['node-1'])).checks).toMatchObject([{ check: { message: '2' } }]);
  });

  test('end with the run, and leave nothing to say', async () => {
    const { stop, look } = looking({ check: () => new Promise(() => {}) });
    const facts = look([]);
    stop.abort(new Error('interrupted'));
    expect(await facts).toEqual({ sensors: [], checks: [] });
  });
});
