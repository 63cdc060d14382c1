// The sensors of a cluster, as its pods tell of them.
import type { KubernetesObject } from '../../ports/cluster.ts';
import { Failure } from '../../ports/failure.ts';

/** Where charts/sensor is installed, where nothing else is said. */
export const SENSOR_NAMESPACE = 'kubesim-sensor';

export interface Sensor {
  uid: string;
  node: string;
  reference: { namespace: string; name: string };
  containers: readonly string[];
  ready: boolean;
}

export const sensorPods = (namespace: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  namespace,
  labelSelector: 'app.kubernetes.io/name=kubesim-sensor',
});

/** Undefined for a pod that runs on no node. */
export function sensorOf({ metadata, spec, status }: KubernetesObject): Sensor | undefined {
  const { nodeName, containers = [] } = (spec ?? {}) as { nodeName?: string; containers?: { name: string }[] };
  const { conditions = [], phase } = (status ?? {}) as { conditions?: { type: string; status: string }[]; phase?: string };
  const { uid, name, namespace } = metadata;
  if (uid === undefined || name === undefined || namespace === undefined || nodeName === undefined || phase !== 'Running') return undefined;
  return {
    uid,
    node: nodeName,
    reference: { namespace, name },
    containers: containers.map((each) => each.name).filter((each) => each === 'sensor' || each === 'audit'),
    ready: conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
  };
}

/** Other nodes have no sensor. */
export const runsLinux = ({ metadata }: KubernetesObject): boolean => (metadata.labels?.['kubernetes.io/os'] ?? 'linux') === 'linux';

export const noSensor = (namespace: string) =>
  new Failure('not-found', `there is no sensor in the namespace ${namespace}`, {
    hint: 'Install charts/sensor there, or name its namespace in the settings of the source; `sim lab up` does it in a lab.',
  });
