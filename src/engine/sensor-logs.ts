// Logs of a product's sensors around an attack.
import type { AttackTime } from '../alerts/evidence.ts';
import type { Cluster, KubernetesObject, PodReference } from '../ports/cluster.ts';
import type { SensorPods } from '../ports/miss-facts.ts';
import { findSensors } from './sensor-pods.ts';

const LARGEST_LOG = 1024 * 1024;

export interface SensorLog {
  /** What tells it from the others. */
  name: string;
  pod: PodReference;
  previous: boolean;
}

/** Which logs there are: of all containers of its sensors on these nodes. Never throws. */
export async function sensorLogs(
  source: string,
  sensors: SensorPods | undefined,
  nodes: readonly string[],
  attack: AttackTime,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<SensorLog[]> {
  const found = sensors === undefined ? [] : await findSensors(sensors, cluster, signal).catch(() => []);
  return found
    .filter(({ node }) => nodes.includes(node))
    .flatMap(({ node, pod }) => {
      const { namespace = '', name = '' } = pod.metadata;
      return containersOf(pod).flatMap(({ container, startedAt }): SensorLog[] => {
        const wanted = { name: [source, node, name, container].join('-'), pod: { namespace, name, container } };
        // One that was started anew since has its words of the attack in the log before.
        const again =
          startedAt === undefined || startedAt <= attack.from ? [] : [{ ...wanted, name: `${wanted.name}-previous`, previous: true }];
        return [{ ...wanted, previous: false }, ...again];
      });
    });
}

function containersOf({ spec, status }: KubernetesObject): { container: string; startedAt?: number }[] {
  const { containers = [] } = (spec ?? {}) as { containers?: { name: string }[] };
  const { containerStatuses = [] } = (status ?? {}) as {
    containerStatuses?: { name: string; restartCount?: number; state?: { running?: { startedAt?: string } } }[];
  };
  return containers.map(({ name: container }) => {
    const own = containerStatuses.find(({ name }) => name === container);
    const startedAt = Date.parse(own?.state?.running?.startedAt ?? '');
    return { container, ...((own?.restartCount ?? 0) > 0 && !Number.isNaN(startedAt) ? { startedAt } : {}) };
  });
}

/** From that time on, by the node's clock, and no more than a mebibyte of it; what cannot be read is empty. */
export async function readLog(
  cluster: Cluster,
  pod: PodReference,
  { from, previous }: { from: number; previous: boolean },
  signal: AbortSignal,
): Promise<string> {
  const enough = new AbortController();
  const lines: string[] = [];
  let size = 0;
  try {
    const options = { sinceTime: new Date(from).toISOString(), ...(previous ? { previous } : {}) };
    for await (const line of cluster.logs(pod, { ...options, signal: AbortSignal.any([signal, enough.signal]) })) {
      size += line.length + 1;
      if (size > LARGEST_LOG) {
        lines.push('[cut here: the log is longer]');
        break;
      }
      lines.push(line);
    }
  } catch {
    // What has come until then is kept.
  } finally {
    enough.abort();
  }
  return lines.map((line) => `${line}\n`).join('');
}
