// The sensors of a cluster, as its pods tell of them.
import type { Cluster, KubernetesObject } from '../../ports/cluster.ts';
import { Failure } from '../../ports/failure.ts';

/** Where charts/sensor is installed, where nothing else is said. */
export const SENSOR_NAMESPACE = 'kubesim-sensor';

export interface Sensor {
  uid: string;
  node: string;
  reference: { namespace: string; name: string };
  containers: readonly string[];
  ready: boolean;
  /** Whether it tells of pods of all namespaces, whatever their labels. */
  allPods: boolean;
}

export const sensorPods = (namespace: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  namespace,
  labelSelector: 'app.kubernetes.io/name=kubesim-sensor',
});

/** Undefined for a pod that runs on no node. */
export function sensorOf({ metadata, spec, status }: KubernetesObject): Sensor | undefined {
  const { nodeName, containers = [] } = (spec ?? {}) as { nodeName?: string; containers?: { name: string; args?: readonly string[] }[] };
  const { conditions = [], phase } = (status ?? {}) as { conditions?: { type: string; status: string }[]; phase?: string };
  const { uid, name, namespace } = metadata;
  if (uid === undefined || name === undefined || namespace === undefined || nodeName === undefined || phase !== 'Running') return undefined;
  return {
    uid,
    node: nodeName,
    reference: { namespace, name },
    containers: containers.map((each) => each.name).filter((each) => each === 'sensor' || each === 'audit'),
    ready: conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
    allPods: containers.some(({ name: each, args = [] }) => each === 'sensor' && args.includes('--all-pods')),
  };
}

/** Of a namespace that no run made: its pods are to be observed (sensor/README.md). */
const OBSERVE_LABEL = 'kubesim.io/observe';

/** Those of the namespaces whose pods the sensors do not tell of. Throws Failure forbidden and the like where they may not be read. */
export async function unobserved(
  cluster: Cluster,
  namespaces: readonly string[],
  sensors: Iterable<Sensor>,
  signal: AbortSignal,
): Promise<string[]> {
  if ([...sensors].every(({ allPods }) => allPods)) return [];
  const found = await Promise.all(namespaces.map((name) => cluster.get({ apiVersion: 'v1', kind: 'Namespace', name }, signal)));
  return namespaces.filter((_, index) => found[index]?.metadata.labels?.[OBSERVE_LABEL] === undefined);
}

/** Other nodes have no sensor. */
export const runsLinux = ({ metadata }: KubernetesObject): boolean => (metadata.labels?.['kubernetes.io/os'] ?? 'linux') === 'linux';

export const noSensor = (namespace: string) =>
  new Failure('not-found', `there is no sensor in the namespace ${namespace}`, {
    hint: 'Install charts/sensor there, or name its namespace in the settings of the source; `sim lab up` does it in a lab.',
  });
