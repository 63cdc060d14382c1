// The list of what a run may create outside of its namespace, what reaches furthest first: in this order it is taken away again.
import type { KubernetesObject, ObjectReference } from '../../ports/cluster.ts';
import { fieldsAt } from '../fields.ts';
import type { Problem } from '../judgement.ts';
import { clusterRoleBinding, systemRoleBinding } from './bindings.ts';
import { clusterRole, systemRole } from './roles.ts';
import type { RunNames, Shape } from './shape.ts';
import { systemConfigMap, systemPod } from './system-objects.ts';
import { mutatingWebhook, validatingWebhook } from './webhooks.ts';

export const shapes: readonly Shape[] = [
  mutatingWebhook,
  validatingWebhook,
  clusterRoleBinding,
  systemRoleBinding,
  systemPod,
  clusterRole,
  systemRole,
  systemConfigMap,
];

const METADATA = new Set(['name', 'namespace', 'labels', 'annotations']);
/** Labels of others tie an object to their services, roles and operators; those of the run are put on in any case. */
const OWN_KEY = /^(kubesim\.io\/|app\.kubernetes\.io\/(managed-by|instance|part-of)$)/;

/** The shape of an object that stands, or is to stand, outside of the run's namespace; undefined where there is none. */
export const shapeOf = ({ apiVersion, kind, namespace }: Pick<ObjectReference, 'apiVersion' | 'kind' | 'namespace'>): Shape | undefined =>
  shapes.find((shape) => shape.apiVersion === apiVersion && shape.kind === kind && shape.namespace === namespace);

/** "ClusterRole, Role in kube-system": everything that is possible. */
export const possibleShapes = (): string =>
  shapes.map(({ kind, namespace }) => (namespace === undefined ? kind : `${kind} in ${namespace}`)).join(', ');

/** What keeps an object from being created outside of the run's namespace, whatever the risk; it must have a shape. */
export function shapeProblems(object: KubernetesObject, shape: Shape, run: RunNames): Problem[] {
  const { metadata } = object;
  const foreign = ['labels', 'annotations'].flatMap((kind) =>
    Object.keys(fieldsAt(metadata, kind)).flatMap((key) => (OWN_KEY.test(key) ? [] : [{ kind, key }])),
  );
  return [
    ...(metadata.name?.startsWith(`${run.namespace}-`)
      ? []
      : [
          {
            says: `outside of the run's namespace its name must begin with \`${run.namespace}-\` (\`\${{ run.namespace }}-\`)`,
            path: ['metadata', 'name'],
          },
        ]),
    ...Object.keys(metadata)
      .filter((key) => !METADATA.has(key))
      .map((key) => ({ says: `its \`metadata.${key}\` is not possible there`, path: ['metadata', key] })),
    ...foreign.map(({ kind, key }) => ({
      says: `its label or annotation ${key} is not possible there: only keys that begin with \`kubesim.io/\` are`,
      path: ['metadata', kind, key],
    })),
    ...shape.problems(object, run),
  ];
}
