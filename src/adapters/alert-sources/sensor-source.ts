// The alert source "sensor": follows the logs of kubesim's reference sensors through the Kubernetes API, and judges what they saw by rules that are
// handed in.
import type { AlertSource, Capability, NormalisedAlert, SourceEvent } from '../../ports/alerts.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Cluster } from '../../ports/cluster.ts';
import { Failure } from '../../ports/failure.ts';
import type { Observation } from '../../ports/observations.ts';
import { eventQueue } from './event-queue.ts';
import { every, followLog, type LogReader } from './follow-log.ts';
import { type SensorChannel, sensorChannel } from './sensor-channel.ts';
import { checkSensors } from './sensor-check.ts';
import { noSensor, runsLinux, SENSOR_NAMESPACE, type Sensor, sensorOf, sensorPods, unobserved } from './sensor-pods.ts';

export interface SensorSettings {
  name: string;
  /** Where charts/sensor is installed. Default: kubesim-sensor. */
  namespace?: string;
  /** How long after the attack an alert may come, milliseconds. Default: 10 s. */
  window?: number;
}

/** Judges the next observation; `seen`: when it came, by our clock. */
export type Evaluate = (observation: Observation, seen: number) => readonly NormalisedAlert[];

export interface SensorWorld {
  clock: Clock;
  cluster(): Promise<Cluster>;
  evaluate: Evaluate;
}

type Run = Parameters<AlertSource['open']>[0];

const WINDOW = 10_000;
/** So long it waits for the first heartbeat of each sensor before it watches without. */
const OPENING = 10_000;
const TICK = 1000;
/** Of what was told before it was opened, for the clock and for sequences that have begun. */
const BEFORE_SECONDS = 3;

/** The source. What it can see is known once it is open: `capabilities` then says it. */
export function sensorSource(settings: SensorSettings, world: SensorWorld): AlertSource {
  const capabilities: Capability[] = ['process', 'file', 'network', 'audit'];
  const namespace = settings.namespace ?? SENSOR_NAMESPACE;
  return {
    name: settings.name,
    product: 'sensor',
    proof: 'real software',
    capabilities,
    window: settings.window ?? WINDOW,
    open: (run, signal) => open(world, namespace, run, capabilities, signal),
    check: async (signal) => checkSensors(await world.cluster(), namespace, signal),
  };
}

/** A stream of a container's log, which outlives the pod: the next pod on the node goes on where it ended. */
interface Stream {
  node: string;
  channel: SensorChannel;
  /** Of the pod that is followed. */
  pod?: { uid: string; stop: AbortController };
}

async function open(
  world: SensorWorld,
  namespace: string,
  run: Run,
  capabilities: Capability[],
  outer: AbortSignal,
): Promise<AsyncIterable<SourceEvent>> {
  const { clock, evaluate } = world;
  const cluster = await world.cluster();
  const own = new AbortController();
  const signal = AbortSignal.any([outer, own.signal]);
  const { push, fail, events } = eventQueue(signal);
  const streams = new Map<string, Stream>();
  const sensors = new Map<string, Sensor>();
  let nodes: ReadonlySet<string> | undefined;
  let told = Number.NEGATIVE_INFINITY;
  let clockTold: { offset: number; uncertainty: number } | undefined;

  const tellHeartbeat = () => {
    const at = Math.min(...[...streams.values()].map(({ channel }) => channel.covered()));
    if (at > told && Number.isFinite(at)) push({ type: 'heartbeat', at });
    told = Math.max(told, at);
    const measured = clockOf([...streams.values()]);
    if (measured !== undefined && !isNear(measured, clockTold)) {
      clockTold = measured;
      push({ type: 'clock', ...measured });
    }
  };

  const take = (stream: Stream, line: string) => {
    const now = clock.now();
    const { gap, observation, heartbeat } = stream.channel.take(line, now);
    if (gap !== undefined) push({ type: 'gap', ...gap });
    if (observation !== undefined) {
      const before = stream.channel.notAfter(observation.time) < run.since;
      for (const alert of evaluate(observation, now)) push({ type: 'alert', alert, ...(before ? { baseline: true as const } : {}) });
    }
    if (heartbeat) tellHeartbeat();
  };

  const streamOf = (node: string, container: string): Stream => {
    const key = `${node}/${container}`;
    const name = container === 'sensor' ? `the sensor on node ${node}` : `the sensor's ${container} container on node ${node}`;
    const known = streams.get(key) ?? { node, channel: sensorChannel(name, run.since) };
    streams.set(key, known);
    return known;
  };

  const followWith = (stream: Stream, { uid, reference }: Sensor, container: string) => {
    const stop = new AbortController();
    stream.pod = { uid, stop };
    const reader: LogReader = {
      from() {
        const from = stream.channel.resumeFrom();
        return from === undefined ? { sinceSeconds: BEFORE_SECONDS } : { sinceTime: new Date(from).toISOString() };
      },
      answered: (sent) => stream.channel.answered(sent, clock.now()),
      line: (text) => take(stream, text),
    };
    followLog(cluster, clock, { ...reference, container }, reader, AbortSignal.any([signal, stop.signal])).catch(fail);
  };

  /** Makes the streams those of the nodes and sensors that are there now. */
  const reconcile = () => {
    for (const node of nodes ?? []) streamOf(node, 'sensor');
    for (const [key, stream] of streams) {
      const { node, pod } = stream;
      const isGone = nodes !== undefined && !nodes.has(node);
      if (isGone) streams.delete(key);
      if (pod === undefined || (sensors.has(pod.uid) && !isGone)) continue;
      pod.stop.abort();
      delete stream.pod;
    }
    // One that is ready first: while one pod replaces another there are two.
    for (const sensor of [...sensors.values()].sort((a, b) => Number(b.ready) - Number(a.ready))) {
      if (nodes !== undefined && !nodes.has(sensor.node)) continue;
      for (const container of sensor.containers) {
        const stream = streamOf(sensor.node, container);
        if (stream.pod === undefined) followWith(stream, sensor, container);
      }
    }
  };

  const sensorsListed = Promise.withResolvers<void>();
  const nodesListed = Promise.withResolvers<void>();
  const watchSensors = async () => {
    for await (const { type, object } of cluster.watch(sensorPods(namespace), signal)) {
      const sensor = object === undefined ? undefined : sensorOf(object);
      if (type === 'SYNCED') sensorsListed.resolve();
      else if (object?.metadata.uid !== undefined) {
        if (type === 'DELETED' || sensor === undefined) sensors.delete(object.metadata.uid);
        else sensors.set(sensor.uid, sensor);
      }
      if (type === 'DELETED' || sensor !== undefined) reconcile();
    }
  };
  const watchNodes = async () => {
    const found = new Set<string>();
    try {
      for await (const { type, object } of cluster.watch({ apiVersion: 'v1', kind: 'Node' }, signal)) {
        const name = object?.metadata.name;
        if (object !== undefined && name !== undefined && runsLinux(object)) {
          if (type === 'DELETED') found.delete(name);
          else found.add(name);
        }
        if (type === 'SYNCED') nodes = found;
        if (nodes !== undefined) reconcile();
        if (type === 'SYNCED') nodesListed.resolve();
      }
    } catch (error) {
      // Whoever may not see nodes is told of the sensors that there are.
      if (!(error instanceof Failure && error.code === 'forbidden')) throw error;
      nodesListed.resolve();
    }
  };
  const watchSilence = () =>
    every(clock, TICK, signal, () => {
      const now = clock.now();
      for (const { node, channel, pod } of streams.values()) {
        const sensor = pod === undefined ? undefined : sensors.get(pod.uid);
        const reason =
          sensor === undefined ? `node ${node} has no sensor` : sensor.ready ? undefined : `the sensor on node ${node} is not ready`;
        const gap = channel.silence(now, reason);
        if (gap !== undefined) push({ type: 'gap', ...gap });
      }
      tellHeartbeat();
    });

  const broken = new Promise<never>((_, reject) => {
    for (const work of [watchSensors, watchNodes]) {
      work().catch((error: unknown) => {
        fail(error);
        reject(error);
      });
    }
  });
  broken.catch(() => undefined);
  try {
    await Promise.race([Promise.all([sensorsListed.promise, nodesListed.promise]), broken]);
    if (sensors.size === 0) throw noSensor(namespace);
    for (const name of await unobserved(cluster, run.targets ?? [], sensors.values(), signal)) {
      const reason = `pods of the namespace ${name} are not observed: label it kubesim.io/observe=${run.id}, or any other value`;
      push({ type: 'gap', from: run.since, to: Number.MAX_SAFE_INTEGER, reason });
    }
    const opened = clock.now();
    const silent = () => [...streams.values()].some(({ channel }) => channel.heard() === undefined);
    while (silent() && clock.now() - opened < OPENING) await Promise.race([clock.sleep(20, signal), broken]);
  } catch (error) {
    own.abort();
    throw error;
  }
  const seen = [...streams.values()].flatMap(({ channel }) => channel.capabilities());
  // Of what happens on nodes each must see all that is declared; the audit log is on some.
  const everywhere = (one: Capability) => {
    const heard = [...streams].filter(([key, { channel }]) => key.endsWith('/sensor') && channel.heard() !== undefined);
    return heard.length > 0 && heard.every(([, { channel }]) => channel.capabilities().includes(one));
  };
  const able = (['process', 'file', 'network', 'audit'] as const).filter((one) => (one === 'audit' ? seen.includes(one) : everywhere(one)));
  capabilities.splice(0, capabilities.length, ...able);
  watchSilence().catch(fail);
  return events;
}

/** Bounds of all nodes' clocks as one: what is told of a time holds wherever it was taken. */
function clockOf(streams: readonly Stream[]): { offset: number; uncertainty: number } | undefined {
  const bounds = streams.flatMap(({ channel }) => channel.clock() ?? []);
  if (bounds.length === 0) return undefined;
  const low = Math.min(...bounds.map((each) => each.low));
  const high = Math.max(...bounds.map((each) => each.high));
  return { offset: (low + high) / 2, uncertainty: (high - low) / 2 };
}

function isNear(a: { offset: number; uncertainty: number }, b: { offset: number; uncertainty: number } | undefined): boolean {
  const far = Math.max(5, a.uncertainty / 5);
  return b !== undefined && Math.abs(a.offset - b.offset) < far && Math.abs(a.uncertainty - b.uncertainty) < far;
}
