import { describe, expect, test } from 'vitest';
import { sensorSource } from '../../../src/adapters/alert-sources/sensor-source.ts';
import type { SourceEvent } from '../../../src/ports/alerts.ts';
import type { Cluster, LogOptions, PodReference } from '../../../src/ports/cluster.ts';
import { Failure } from '../../../src/ports/failure.ts';
import type { Observation } from '../../../src/ports/observations.ts';
import { alertOf } from '../../fakes/alert-source.ts';
import { fakeClock } from '../../fakes/clock.ts';
import { fakeCluster } from '../../fakes/cluster.ts';
import { sensorLines } from './sensor-lines.ts';

/** Node n1's clock is five seconds behind ours. */
const BEHIND = 5000;

/** Logs of containers as the API server gives them: all that was written since the time that is asked for, then what is written. */
function fakeLogs(now: () => number) {
  const written = new Map<string, { at: number; text: string }[]>();
  const open = new Map<string, Set<(end?: unknown) => void>>();
  const asked: (Pick<LogOptions, 'sinceSeconds' | 'sinceTime'> & { pod: string })[] = [];
  const keyOf = ({ name, container = '' }: PodReference) => `${name}/${container}`;
  return {
    asked,
    write(key: string, text: string, at: number) {
      written.set(key, [...(written.get(key) ?? []), { at, text }]);
      for (const wake of open.get(key) ?? []) wake();
    },
    /** Breaks every connection to the log. */
    cut(key: string, error: unknown = new Failure('unreachable', 'connection reset')) {
      for (const wake of open.get(key) ?? []) wake(error);
    },
    async *logs(pod: PodReference, { follow, sinceSeconds, sinceTime, signal }: LogOptions): AsyncGenerator<string> {
      const key = keyOf(pod);
      asked.push({ pod: key, ...(sinceSeconds === undefined ? {} : { sinceSeconds }), ...(sinceTime === undefined ? {} : { sinceTime }) });
      const since = sinceTime === undefined ? now() - BEHIND - (sinceSeconds ?? Number.POSITIVE_INFINITY) * 1000 : Date.parse(sinceTime);
      let wake = Promise.withResolvers<void>();
      let broken: { error: unknown } | undefined;
      const listener = (error?: unknown) => {
        if (error !== undefined) broken = { error };
        wake.resolve();
        wake = Promise.withResolvers();
      };
      open.set(key, (open.get(key) ?? new Set()).add(listener));
      signal.addEventListener('abort', () => listener());
      try {
        for (let at = 0; !signal.aborted; ) {
          const line = (written.get(key) ?? [])[at];
          if (broken !== undefined) throw broken.error;
          if (line !== undefined) {
            at++;
            if (line.at >= since) yield line.text;
          } else if (!follow) return;
          else await wake.promise;
        }
      } finally {
        open.get(key)?.delete(listener);
      }
    },
  };
}

function stage(nodes = ['n1']) {
  const clock = fakeClock();
  const inner = fakeCluster();
  const logs = fakeLogs(() => clock.now());
  const cluster: Cluster = { ...inner, logs: logs.logs };
  const end = new AbortController();
  const observed: Observation[] = [];
  const told: SourceEvent[] = [];
  const source = sensorSource(
    { name: 'lab' },
    {
      clock,
      cluster: async () => cluster,
      evaluate: (observation, seen) => {
        observed.push(observation);
        return observation.kind === 'process' ? [alertOf({ source: 'lab', product: 'sensor', id: `alert-${observed.length}`, seen })] : [];
      },
    },
  );
  for (const name of nodes) inner.put({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { 'kubernetes.io/os': 'linux' } } });
  const pod = (name: string, { node = 'n1', containers = ['sensor'], ready = true, args = [] as string[] } = {}) =>
    inner.put({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'kubesim-sensor', labels: { 'app.kubernetes.io/name': 'kubesim-sensor' } },
      spec: { nodeName: node, containers: containers.map((each) => ({ name: each, args })) },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
    });
  const lines = new Map<string, ReturnType<typeof sensorLines>>();
  const node = () => clock.now() - BEHIND;
  /** What a sensor writes now. */
  const write = (key: string, kind: 'heartbeat' | 'process' | 'start' | 'file', more?: object) => {
    const writer = lines.get(key) ?? sensorLines(key);
    lines.set(key, writer);
    logs.write(key, writer[kind](node(), more), node());
    return writer;
  };
  const settle = async () => {
    for (let turn = 0; turn < 60; turn++) await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    clock,
    inner,
    logs,
    source,
    told,
    observed,
    lines,
    pod,
    write,
    settle,
    end,
    async open(targets: string[] = []) {
      const opening = source.open({ id: 'k3x9', namespace: 'sim-k3x9', targets, since: clock.now() }, end.signal);
      const events = await opening;
      void (async () => {
        for await (const event of events) told.push(event);
      })();
      await settle();
    },
    /** Time goes on; each second these containers give a heartbeat. */
    async pass(seconds: number, beating: readonly string[] = []) {
      for (let second = 0; second < seconds; second++) {
        clock.advance(1000);
        for (const key of beating) write(key, 'heartbeat');
        await settle();
      }
    },
    gaps: () => told.filter((event) => event.type === 'gap'),
    alerts: () => told.filter((event) => event.type === 'alert'),
    heartbeats: () => told.flatMap((event) => (event.type === 'heartbeat' ? [event.at] : [])),
  };
}

describe('the alert source "sensor"', () => {
  test('judges what the sensors see, says until when it knows all, and how far the clocks are apart', async () => {
    const s = stage();
    s.pod('sensor-1');
    s.write('sensor-1/sensor', 'process');
    s.write('sensor-1/sensor', 'heartbeat');
    s.clock.advance(100);
    await s.open();
    expect(s.source.capabilities).toEqual(['process', 'file', 'network']);
    s.write('sensor-1/sensor', 'process');
    await s.pass(2, ['sensor-1/sensor']);
    expect(s.alerts().map((event) => event.baseline ?? false)).toEqual([true, false]);
    expect(s.observed[1]).toMatchObject({ kind: 'process', where: { namespace: 'sim-k3x9' } });
    expect(s.heartbeats().at(-1)).toBeCloseTo(s.clock.now(), -1);
    expect(s.told.findLast((event) => event.type === 'clock')?.offset).toBeCloseTo(-BEHIND, -1);
    expect(s.gaps()).toEqual([]);
    s.end.abort();
  });

  test.each([
    ['without the label', {}, [], ['pods of the namespace shop are not observed: label it kubesim.io/observe=k3x9, or any other value']],
    ['with the label', { 'kubesim.io/observe': 'any' }, [], []],
    ['without it, of sensors that tell of all pods', {}, ['--all-pods'], []],
  ])('a namespace that is attacked beside the own one, %s', async (_, labels, args, reasons) => {
    const s = stage();
    s.inner.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels } });
    s.pod('sensor-1', { args });
    s.write('sensor-1/sensor', 'heartbeat');
    await s.open(['shop']);
    expect(s.gaps().map(({ reason }) => reason)).toEqual(reasons);
    s.end.abort();
  });

  test('a connection that breaks is made anew: nothing is lost, and nothing told twice', async () => {
    const s = stage();
    s.pod('sensor-1');
    s.write('sensor-1/sensor', 'heartbeat');
    await s.open();
    await s.pass(1, ['sensor-1/sensor']);
    s.write('sensor-1/sensor', 'process');
    await s.settle();
    s.logs.cut('sensor-1/sensor');
    s.write('sensor-1/sensor', 'process');
    await s.pass(2, ['sensor-1/sensor']);
    expect(s.alerts()).toHaveLength(2);
    expect(s.gaps()).toEqual([]);
    expect(s.logs.asked).toEqual([
      { pod: 'sensor-1/sensor', sinceSeconds: 3 },
      { pod: 'sensor-1/sensor', sinceTime: expect.stringMatching(/^1970-01-01T00:16:3\d\.\d{3}Z$/) },
    ]);
    s.end.abort();
  });

  test('what cannot be read again after a break is a gap', async () => {
    const s = stage();
    s.pod('sensor-1');
    s.write('sensor-1/sensor', 'heartbeat');
    await s.open();
    s.logs.cut('sensor-1/sensor');
    // The node has thrown these lines away.
    s.lines.get('sensor-1/sensor')?.skip(40);
    await s.pass(2, ['sensor-1/sensor']);
    expect(s.gaps().map(({ reason }) => reason)).toEqual(['40 records of the sensor on node n1 did not come']);
    s.end.abort();
  });

  test('a connection that is dead is noticed, and made anew', async () => {
    const s = stage();
    s.pod('sensor-1');
    s.write('sensor-1/sensor', 'heartbeat');
    await s.open();
    await s.pass(8);
    expect(s.logs.asked.length).toBeGreaterThan(1);
    expect(s.gaps()[0]?.reason).toBe('the sensor on node n1 gave no heartbeat for 4 s');
    s.end.abort();
  });

  test('lost events, a restart, and a sensor that is not ready are gaps', async () => {
    const s = stage();
    s.pod('sensor-1');
    s.write('sensor-1/sensor', 'heartbeat');
    await s.open();
    s.write('sensor-1/sensor', 'heartbeat').lose(3);
    await s.pass(1, ['sensor-1/sensor']);
    s.lines.set('sensor-1/sensor', sensorLines('another'));
    s.write('sensor-1/sensor', 'start');
    await s.pass(1, ['sensor-1/sensor']);
    s.pod('sensor-1', { ready: false });
    await s.pass(4);
    const reasons = s.gaps().map(({ reason }) => reason);
    expect(reasons.slice(0, 3)).toEqual([
      'the sensor on node n1 lost 3 events',
      'the sensor on node n1 was started anew',
      'the sensor on node n1 is not ready',
    ]);
    s.end.abort();
  });

  test('a node without a sensor is a gap from the beginning, until it has one', async () => {
    const s = stage(['n1', 'n2']);
    s.pod('sensor-1');
    const since = s.clock.now();
    s.write('sensor-1/sensor', 'heartbeat');
    const opening = s.open();
    for (let second = 0; second < 12; second++) await s.pass(1, ['sensor-1/sensor']);
    await opening;
    await s.pass(1, ['sensor-1/sensor']);
    expect(s.gaps()[0]).toMatchObject({ from: since, reason: 'node n2 has no sensor' });
    s.pod('sensor-2', { node: 'n2' });
    s.write('sensor-2/sensor', 'heartbeat');
    await s.settle();
    const before = s.gaps().length;
    await s.pass(3, ['sensor-1/sensor', 'sensor-2/sensor']);
    expect(s.gaps()).toHaveLength(before);
    expect(s.heartbeats().at(-1)).toBeCloseTo(s.clock.now(), -1);
    s.end.abort();
  });

  test('a pod that is replaced is followed by its successor, and the time between is a gap', async () => {
    const s = stage();
    s.pod('sensor-1');
    s.write('sensor-1/sensor', 'heartbeat');
    await s.open();
    s.inner.drop({ apiVersion: 'v1', kind: 'Pod', name: 'sensor-1', namespace: 'kubesim-sensor' });
    await s.pass(4);
    expect(s.gaps().at(-1)?.reason).toBe('node n1 has no sensor');
    s.pod('sensor-1b');
    s.write('sensor-1b/sensor', 'start');
    s.write('sensor-1b/sensor', 'process');
    await s.pass(2, ['sensor-1b/sensor']);
    expect(s.alerts()).toHaveLength(1);
    expect(s.gaps().at(-1)).toMatchObject({ reason: 'the sensor on node n1 was started anew' });
    s.end.abort();
  });

  test('it can see the audit log where a sensor can', async () => {
    const s = stage();
    s.pod('sensor-1', { containers: ['sensor', 'audit'] });
    s.write('sensor-1/sensor', 'heartbeat');
    s.write('sensor-1/audit', 'heartbeat', { capabilities: ['audit'] });
    await s.open();
    expect(s.source.capabilities).toEqual(['process', 'file', 'network', 'audit']);
    // Both must go on.
    await s.pass(5, ['sensor-1/sensor']);
    expect(s.gaps()[0]?.reason).toBe("the sensor's audit container on node n1 gave no heartbeat for 4 s");
    s.end.abort();
  });

  test('without any sensor it does not open', async () => {
    const s = stage();
    await expect(s.open()).rejects.toMatchObject({ code: 'not-found', details: { hint: expect.stringContaining('charts/sensor') } });
  });

  test('a refusal ends it', async () => {
    const s = stage();
    s.pod('sensor-1');
    s.write('sensor-1/sensor', 'heartbeat');
    const events = await s.source.open({ id: 'k3x9', namespace: 'sim-k3x9', since: s.clock.now() }, s.end.signal);
    s.logs.cut('sensor-1/sensor', new Failure('forbidden', 'pods/log is forbidden'));
    await expect(
      (async () => {
        for await (const _ of events);
      })(),
    ).rejects.toMatchObject({ code: 'forbidden' });
    s.end.abort();
  });

  test('who may not see nodes is told of the sensors that there are', async () => {
    const s = stage(['n1', 'n2']);
    s.inner.intercept = (call) => {
      if (call.verb === 'watch' && call.query.kind === 'Node') throw new Failure('forbidden', 'nodes is forbidden');
    };
    s.pod('sensor-1');
    s.write('sensor-1/sensor', 'heartbeat');
    await s.open();
    await s.pass(5, ['sensor-1/sensor']);
    expect(s.gaps()).toEqual([]);
    s.end.abort();
  });

  test('check says of each sensor whether it watches', async () => {
    const s = stage(['n1', 'n2']);
    expect(await s.source.check(s.end.signal)).toMatchObject([
      { result: 'failed', message: 'there is no sensor in the namespace kubesim-sensor' },
    ]);
    s.pod('sensor-1', { containers: ['sensor', 'audit'] });
    s.write('sensor-1/sensor', 'heartbeat');
    s.logs.write(
      'sensor-1/audit',
      `{"type":"start","seq":1,"instance":"x","time":"1970-01-01T00:00:00Z","version":"1","node":"n1","capabilities":[],"missing":[{"capability":"audit","reason":"there is no /x on this node"}]}`,
      0,
    );
    s.write('sensor-1/audit', 'heartbeat', { capabilities: [] });
    expect(await s.source.check(s.end.signal)).toMatchObject([
      { title: 'Sensor', result: 'failed', message: 'node n2 has none that is ready' },
      { title: 'Sensor', result: 'ok', message: 'on node n1 watches: process, file, network; 0 events lost since its start' },
      { title: 'Audit log', result: 'warning', message: 'on node n1 sees nothing', hint: 'there is no /x on this node' },
    ]);
  });
});
