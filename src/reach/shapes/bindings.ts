// Bindings outside of the run's namespace: what a detector sees is a grant, what the cluster gets is a grant to nobody.
import type { KubernetesObject } from '../../ports/cluster.ts';
import { type Fields, fieldsAt, placedAt, textOf } from '../fields.ts';
import { isReader } from './roles.ts';
import { type RunNames, type Shape, SYSTEM_NAMESPACE } from './shape.ts';

const apiVersion = 'rbac.authorization.k8s.io/v1';

export const clusterRoleBinding: Shape = {
  apiVersion,
  kind: 'ClusterRoleBinding',
  resource: 'clusterrolebindings',
  says: "to any role, where every subject is the user `sim:nobody:<run id>`, who does not exist; service accounts of the run's namespace may be bound to the run's own `sim-<run id>-reader...` only",
  problems: (binding, run) =>
    placedAt(binding, 'subjects', [])
      .filter(({ value }) => !isNobody(value, run) && !(isOwnAccount(value, run) && bindsReader(binding, run)))
      .map(({ value, path }) =>
        isOwnAccount(value, run)
          ? {
              says: `it binds ${subjectOf(value)} to ${textOf(fieldsAt(binding, 'roleRef').name)}: in the whole cluster only a ClusterRole whose name begins with ${run.namespace}-reader may be`,
              path: ['roleRef'],
            }
          : { says: `it binds ${subjectOf(value)}: only User ${run.nobody} may be`, path },
      ),
};

export const systemRoleBinding: Shape = {
  apiVersion,
  kind: 'RoleBinding',
  resource: 'rolebindings',
  namespace: SYSTEM_NAMESPACE,
  says: 'to any role, where every subject is the user `sim:nobody:<run id>`, who does not exist',
  problems: (binding, run) =>
    placedAt(binding, 'subjects', [])
      .filter(({ value }) => !isNobody(value, run))
      .map(({ value, path }) => ({ says: `it binds ${subjectOf(value)}: only User ${run.nobody} may be`, path })),
};

export const isNobody = ({ kind, name }: Fields, { nobody }: RunNames): boolean => kind === 'User' && name === nobody;

/** A service account in the run's namespace: its pods are the run's own. */
export const isOwnAccount = ({ kind, namespace }: Fields, run: RunNames): boolean =>
  kind === 'ServiceAccount' && namespace === run.namespace;

export const subjectOf = ({ kind, name, namespace }: Fields): string =>
  `${textOf(kind)} ${namespace === undefined ? '' : `${textOf(namespace)}/`}${textOf(name)}`;

function bindsReader(binding: KubernetesObject, { namespace }: RunNames): boolean {
  const { kind, name } = fieldsAt(binding, 'roleRef');
  return kind === 'ClusterRole' && isReader(name, namespace);
}
