// The pods of a product's sensor on the nodes of an attack, and how they are.
import type { Cluster, KubernetesObject } from '../ports/cluster.ts';
import type { SensorPods, SensorState } from '../ports/miss-facts.ts';

interface SensorPod {
  node: string;
  pod: KubernetesObject;
}

interface PodFacts {
  spec?: { nodeName?: string };
  status?: {
    conditions?: { type: string; status: string }[];
    containerStatuses?: { restartCount?: number; state?: { running?: { startedAt?: string } } }[];
  };
}

/** Those on any node that are not being ended. Throws Failure where they may not be listed. */
export async function findSensors(
  { namespace, labelSelector, daemonSets }: SensorPods,
  cluster: Pick<Cluster, 'list'>,
  signal: AbortSignal,
): Promise<SensorPod[]> {
  const query = { apiVersion: 'v1', kind: 'Pod', labelSelector, ...(namespace === undefined ? {} : { namespace }) };
  return (await cluster.list(query, signal)).flatMap((pod) => {
    const node = (pod as PodFacts).spec?.nodeName;
    const isMeant = daemonSets === undefined || ownersOf(pod).some((owner) => daemonSets.includes(owner));
    return node === undefined || !isMeant || pod.metadata.deletionTimestamp !== undefined ? [] : [{ node, pod }];
  });
}

/** A line for each of the nodes. Throws Failure where pods may not be listed. */
export async function sensorStates(
  source: string,
  sensors: SensorPods,
  nodes: readonly string[],
  cluster: Pick<Cluster, 'list'>,
  signal: AbortSignal,
): Promise<SensorState[]> {
  const found = await findSensors(sensors, cluster, signal);
  if (found.length === 0 && sensors.mayBeElsewhere) return [];
  return nodes.map((node): SensorState => {
    const pods = found.filter((each) => each.node === node).map(({ pod }) => pod);
    if (pods.length === 0) return { source, node, state: 'absent' };
    const containers = pods.flatMap((pod) => (pod as PodFacts).status?.containerStatuses ?? []);
    const starts = containers.flatMap(({ state }) => Date.parse(state?.running?.startedAt ?? '') || []);
    return {
      source,
      node,
      // Where a sensor is made of several pods, each has its part.
      state: pods.every(isReady) ? 'ready' : 'not ready',
      restarts: containers.reduce((sum, { restartCount = 0 }) => sum + restartCount, 0),
      ...(starts.length === 0 ? {} : { startedAt: Math.max(...starts) }),
      ...(sensors.warmUp === undefined ? {} : { warmUp: sensors.warmUp }),
    };
  });
}

const ownersOf = ({ metadata }: KubernetesObject): string[] => {
  const owners = (metadata.ownerReferences ?? []) as { kind?: string; name?: string }[];
  return owners.flatMap(({ kind, name }) => (kind === 'DaemonSet' && name !== undefined ? [name] : []));
};

const isReady = (pod: KubernetesObject): boolean =>
  (pod as PodFacts).status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
