// What `sim alerts check` says of the sensors: on which nodes they watch, what they see, what they have lost.
import type { Capability, SourceCheck } from '../../ports/alerts.ts';
import type { Cluster } from '../../ports/cluster.ts';
import { Failure } from '../../ports/failure.ts';
import { noSensor, runsLinux, type Sensor, sensorOf, sensorPods } from './sensor-pods.ts';
import { readSensorRecord } from './sensor-records.ts';

/** Heartbeats come every second. */
const SECONDS = 3;

/** Reads a few lines of each sensor. */
export async function checkSensors(cluster: Cluster, namespace: string, signal: AbortSignal): Promise<SourceCheck[]> {
  try {
    const pods = await cluster.list(sensorPods(namespace), signal);
    const sensors = pods.flatMap((pod) => sensorOf(pod) ?? []);
    if (sensors.length === 0) throw noSensor(namespace);
    const nodes = await cluster.list({ apiVersion: 'v1', kind: 'Node' }, signal).catch((error: unknown) => {
      if (error instanceof Failure && error.code === 'forbidden') return [];
      throw error;
    });
    const bare = nodes.filter((node) => runsLinux(node) && !sensors.some((sensor) => sensor.node === node.metadata.name && sensor.ready));
    const each = await Promise.all(
      sensors.flatMap((sensor) => sensor.containers.map((container) => checkOne(cluster, sensor, container, signal))),
    );
    return [
      ...bare.map(
        ({ metadata: { name } }): SourceCheck => ({
          title: 'Sensor',
          result: 'failed',
          message: `node ${name} has none that is ready`,
          hint: `kubectl -n ${namespace} get pods -o wide`,
        }),
      ),
      ...each,
    ];
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { hint } = error.details;
    return [{ title: 'Sensor', result: 'failed', message: error.message, ...(hint === undefined ? {} : { hint }) }];
  }
}

async function checkOne(cluster: Cluster, sensor: Sensor, container: string, signal: AbortSignal): Promise<SourceCheck> {
  const title = container === 'audit' ? 'Audit log' : 'Sensor';
  const on = `on node ${sensor.node}`;
  let last: { lost: number; capabilities: readonly Capability[] } | undefined;
  for await (const line of cluster.logs({ ...sensor.reference, container }, { sinceSeconds: SECONDS, signal })) {
    const record = readSensorRecord(line);
    if (record.type === 'heartbeat') last = record;
  }
  if (last === undefined) {
    return { title, result: 'failed', message: `${on} gave no heartbeat in the last ${SECONDS} s`, hint: await reasonOf() };
  }
  if (last.capabilities.length === 0) {
    return { title, result: 'warning', message: `${on} sees nothing`, hint: await reasonOf() };
  }
  const result = last.lost > 0 ? 'warning' : 'ok';
  return { title, result, message: `${on} watches: ${last.capabilities.join(', ')}; ${last.lost} events lost since its start` };

  async function reasonOf(): Promise<string> {
    for await (const line of cluster.logs({ ...sensor.reference, container }, { signal })) {
      const record = readSensorRecord(line);
      if (record.type === 'start' && record.missing.length > 0) return record.missing.map(({ reason }) => reason).join('; ');
      if (record.type === 'start') break;
    }
    return `kubectl -n ${sensor.reference.namespace} logs ${sensor.reference.name} -c ${container}`;
  }
}
