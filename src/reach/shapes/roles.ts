// Roles outside of the run's namespace. A role grants nothing by itself: what counts is who is bound to it, and what other roles it may flow into.
import type { KubernetesObject } from '../../ports/cluster.ts';
import { type Placed, placedAt, textsAt } from '../fields.ts';
import type { Problem } from '../judgement.ts';
import { type Shape, SYSTEM_NAMESPACE } from './shape.ts';

const apiVersion = 'rbac.authorization.k8s.io/v1';

/** What an account of the run may read in the whole cluster: how it is built, and no content. */
const READABLE = new Set([
  ...['namespaces', 'nodes', 'pods', 'services', 'endpoints', 'serviceaccounts', 'events', 'persistentvolumes', 'persistentvolumeclaims'],
  ...['deployments', 'daemonsets', 'statefulsets', 'replicasets'].map((resource) => `${resource}.apps`),
  ...['jobs', 'cronjobs'].map((resource) => `${resource}.batch`),
  ...['ingresses', 'networkpolicies'].map((resource) => `${resource}.networking.k8s.io`),
  ...['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'].map((resource) => `${resource}.rbac.authorization.k8s.io`),
  ...['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'].map((resource) => `${resource}.admissionregistration.k8s.io`),
  'endpointslices.discovery.k8s.io',
  'storageclasses.storage.k8s.io',
  'customresourcedefinitions.apiextensions.k8s.io',
]);
const READING = new Set(['get', 'list', 'watch']);

/** Names of the roles that accounts of the run may be bound to in the whole cluster: the name is all that a binding shows of a role. */
export const isReader = (name: unknown, namespace: string): boolean =>
  name === `${namespace}-reader` || (typeof name === 'string' && name.startsWith(`${namespace}-reader-`));

export const clusterRole: Shape = {
  apiVersion,
  kind: 'ClusterRole',
  resource: 'clusterroles',
  says: 'with any rules, as a role grants nothing until somebody is bound to it, but without `aggregationRule`; one whose name begins with `sim-<run id>-reader` only gets, lists and watches how the cluster is built (no secrets, no configmaps, no wildcards)',
  problems: (role, { namespace }) => [
    ...(role.aggregationRule === undefined
      ? []
      : [{ says: 'it has an `aggregationRule`, which takes in rules of other roles', path: ['aggregationRule'] }]),
    ...(isReader(role.metadata.name, namespace) ? placedAt(role, 'rules', []).flatMap(readerProblems) : []),
  ],
};

export const systemRole: Shape = {
  apiVersion,
  kind: 'Role',
  resource: 'roles',
  namespace: SYSTEM_NAMESPACE,
  says: 'with any rules, as a role grants nothing until somebody is bound to it',
  problems: (_role: KubernetesObject) => [],
};

function readerProblems({ value: rule, path }: Placed): Problem[] {
  const groups = textsAt(rule, 'apiGroups');
  const asked = textsAt(rule, 'resources').flatMap((resource) => groups.map((group) => (group === '' ? resource : `${resource}.${group}`)));
  return [
    ...textsAt(rule, 'verbs').flatMap((verb, index) =>
      READING.has(verb) ? [] : [{ says: `a reader may not \`${verb}\``, path: [...path, 'verbs', index] }],
    ),
    // It is the group that makes a resource what it is.
    ...asked.filter((resource) => !READABLE.has(resource)).map((resource) => ({ says: `a reader may not read \`${resource}\``, path })),
    ...textsAt(rule, 'nonResourceURLs').map((url, index) => ({
      says: `a reader may not read \`${url}\``,
      path: [...path, 'nonResourceURLs', index],
    })),
  ];
}
