// A pod and a configmap among the cluster's own: of our name, without a right, a secret or a reach, and small.
import type { KubernetesObject } from '../../ports/cluster.ts';
import { type Fields, fieldsAt, type Placed, placedAt, textOf } from '../fields.ts';
import type { Problem } from '../judgement.ts';
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
    const containers = ['initContainers', 'containers'].flatMap((list) => placedAt(spec, list, ['spec']));
    return [
      ...never,
      ...high,
      ...(spec.automountServiceAccountToken === false
        ? []
        : [{ says: 'it needs `automountServiceAccountToken: false`', path: ['spec', 'automountServiceAccountToken'] }]),
      ...unknownIn(spec, POD_FIELDS).map((field) => ({ says: `its \`spec.${field}\` is not possible there`, path: ['spec', field] })),
      ...placedAt(spec, 'volumes', ['spec']).flatMap(volumeProblems),
      ...containers.flatMap((each) =>
        containerProblems(each).map(({ says, path }) => ({ says: `its container ${textOf(each.value.name)} ${says}`, path })),
      ),
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
function volumeProblems({ value, path }: Placed): Problem[] {
  const kinds = unknownIn(value, new Set(['name', 'emptyDir', 'downwardAPI']));
  return kinds.map((kind) => ({ says: `it mounts a volume of the kind ${kind}, which is not possible there`, path: [...path, kind] }));
}

function containerProblems({ value: container, path }: Placed): Problem[] {
  const limits = fieldsAt(container, 'resources', 'limits');
  return [
    ...unknownIn(container, CONTAINER_FIELDS).map((field) => ({
      says: `has \`${field}\`, which is not possible there`,
      path: [...path, field],
    })),
    ...placedAt(container, 'env', path)
      .filter(({ value }) => value.valueFrom !== undefined)
      .map(({ value, path: place }) => ({
        says: `takes ${textOf(value.name)} from elsewhere (\`valueFrom\`)`,
        path: [...place, 'valueFrom'],
      })),
    ...(['cpu', 'memory'] as const)
      .filter((resource) => !(amountOf(limits[resource]) <= LARGEST[resource]))
      .map((resource) => ({
        says: `needs \`resources.limits.${resource}\` of at most ${resource === 'cpu' ? '1' : '512Mi'}`,
        path: [...path, 'resources', 'limits', resource],
      })),
  ];
}

const UNITS: Record<string, number> = { '': 1, m: 0.001, k: 1e3, M: 1e6, G: 1e9, Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3 };

/** A quantity as a number; NaN where it is none that is usual here. */
function amountOf(quantity: unknown): number {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)(m|k|M|G|Ki|Mi|Gi)?$/.exec(textOf(quantity)) ?? [];
  return digits === '' ? Number.NaN : Number(digits) * (UNITS[unit] ?? Number.NaN);
}
