// A pod and a configmap among the cluster's own: of our name, without a right, a secret or a reach, and small.
import type { KubernetesObject } from '../../ports/cluster.ts';
import { type Fields, fieldsAt, itemsAt, listAt } from '../fields.ts';
import { podReach } from '../pod.ts';
import { type Shape, SYSTEM_NAMESPACE } from './shape.ts';

const POD_FIELDS = new Set(
  'activeDeadlineSeconds automountServiceAccountToken containers dnsPolicy enableServiceLinks initContainers nodeSelector restartPolicy securityContext terminationGracePeriodSeconds tolerations volumes'.split(
    ' ',
  ),
);
const CONTAINER_FIELDS = new Set(
  'args command env image imagePullPolicy name resources securityContext terminationMessagePath terminationMessagePolicy volumeMounts workingDir'.split(
    ' ',
  ),
);
/** Of one container: cores and bytes. */
const LARGEST = { cpu: 1, memory: 512 * 1024 ** 2 };

export const systemPod: Shape = {
  apiVersion: 'v1',
  kind: 'Pod',
  resource: 'pods',
  namespace: SYSTEM_NAMESPACE,
  says: 'without any reach into the node, without a token (`automountServiceAccountToken: false`), without secrets, configmaps, probes or a priority, with limits of at most 1 CPU and 512Mi in each container',
  problems: (pod) => {
    const spec = fieldsAt(pod, 'spec');
    const { never, high } = podReach(pod);
    const containers = ['initContainers', 'containers'].flatMap((list) => itemsAt(spec, list)).map((each) => fieldsAt(each));
    return [
      ...never,
      ...high,
      ...(spec.automountServiceAccountToken === false ? [] : ['it needs `automountServiceAccountToken: false`']),
      ...unknownIn(spec, POD_FIELDS).map((field) => `its \`spec.${field}\` is not possible there`),
      ...itemsAt(spec, 'volumes').flatMap(volumeProblems),
      ...containers.flatMap((each) => containerProblems(each).map((problem) => `its container ${each.name} ${problem}`)),
    ];
  },
};

export const systemConfigMap: Shape = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  resource: 'configmaps',
  namespace: SYSTEM_NAMESPACE,
  says: 'under a name of the run, which no part of the cluster reads',
  problems: (_configMap: KubernetesObject) => [],
};

const unknownIn = (fields: Fields, known: ReadonlySet<string>): string[] => Object.keys(fields).filter((field) => !known.has(field));

/** Whatever else a volume may hold there belongs to the cluster. */
function volumeProblems(volume: unknown): string[] {
  const kinds = unknownIn(fieldsAt(volume), new Set(['name', 'emptyDir', 'downwardAPI']));
  return kinds.map((kind) => `it mounts a volume of the kind ${kind}, which is not possible there`);
}

function containerProblems(container: Fields): string[] {
  const limits = fieldsAt(container, 'resources', 'limits');
  return [
    ...unknownIn(container, CONTAINER_FIELDS).map((field) => `has \`${field}\`, which is not possible there`),
    ...listAt(container, 'env')
      .filter((each) => each.valueFrom !== undefined)
      .map((each) => `takes ${each.name} from elsewhere (\`valueFrom\`)`),
    ...(['cpu', 'memory'] as const)
      .filter((resource) => !(amountOf(limits[resource]) <= LARGEST[resource]))
      .map((resource) => `needs \`resources.limits.${resource}\` of at most ${resource === 'cpu' ? '1' : '512Mi'}`),
  ];
}

const UNITS: Record<string, number> = { '': 1, m: 0.001, k: 1e3, M: 1e6, G: 1e9, Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3 };

/** A quantity as a number; NaN where it is none that is usual here. */
function amountOf(quantity: unknown): number {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)(m|k|M|G|Ki|Mi|Gi)?$/.exec(String(quantity)) ?? [];
  return digits === '' ? Number.NaN : Number(digits) * (UNITS[unit] ?? Number.NaN);
}
