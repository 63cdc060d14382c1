// Kinds by the names that people give them: `pod`, `deploy`, `networkpolicies.networking.k8s.io`, as kubectl takes them.
import type { ApiResource, Cluster } from '../ports/cluster.ts';
import { Failure } from '../ports/failure.ts';
import { groupOf } from '../reach/scope.ts';

export type Kind = Pick<ApiResource, 'apiVersion' | 'kind' | 'resource' | 'namespaced'>;

/** Kinds that need no question to the cluster, with their short names (`kubectl api-resources`). */
const KNOWN: readonly (Kind & { short: readonly string[] })[] = [
  { apiVersion: 'v1', kind: 'ConfigMap', resource: 'configmaps', namespaced: true, short: ['cm'] },
  { apiVersion: 'v1', kind: 'Namespace', resource: 'namespaces', namespaced: false, short: ['ns'] },
  { apiVersion: 'v1', kind: 'Node', resource: 'nodes', namespaced: false, short: ['no'] },
  { apiVersion: 'v1', kind: 'PersistentVolumeClaim', resource: 'persistentvolumeclaims', namespaced: true, short: ['pvc'] },
  { apiVersion: 'v1', kind: 'Pod', resource: 'pods', namespaced: true, short: ['po'] },
  { apiVersion: 'v1', kind: 'Secret', resource: 'secrets', namespaced: true, short: [] },
  { apiVersion: 'v1', kind: 'Service', resource: 'services', namespaced: true, short: ['svc'] },
  { apiVersion: 'v1', kind: 'ServiceAccount', resource: 'serviceaccounts', namespaced: true, short: ['sa'] },
  { apiVersion: 'apps/v1', kind: 'DaemonSet', resource: 'daemonsets', namespaced: true, short: ['ds'] },
  { apiVersion: 'apps/v1', kind: 'Deployment', resource: 'deployments', namespaced: true, short: ['deploy'] },
  { apiVersion: 'apps/v1', kind: 'ReplicaSet', resource: 'replicasets', namespaced: true, short: ['rs'] },
  { apiVersion: 'apps/v1', kind: 'StatefulSet', resource: 'statefulsets', namespaced: true, short: ['sts'] },
  { apiVersion: 'batch/v1', kind: 'CronJob', resource: 'cronjobs', namespaced: true, short: ['cj'] },
  { apiVersion: 'batch/v1', kind: 'Job', resource: 'jobs', namespaced: true, short: [] },
  { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', resource: 'ingresses', namespaced: true, short: ['ing'] },
  { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', resource: 'networkpolicies', namespaced: true, short: ['netpol'] },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', resource: 'clusterroles', namespaced: false, short: [] },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', resource: 'clusterrolebindings', namespaced: false, short: [] },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', resource: 'roles', namespaced: true, short: [] },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', resource: 'rolebindings', namespaced: true, short: [] },
];

/** Whether a kind is meant by a word: its kind, its plural, or either with its group. */
function isCalled({ apiVersion, kind, resource }: Kind, word: string): boolean {
  const group = groupOf(apiVersion);
  const names = [kind.toLowerCase(), resource];
  return [...names, ...names.map((name) => `${name}.${group}`)].includes(word.toLowerCase());
}

/** A well-known kind by a name of it, or by its kind and API version; undefined for others. */
export function knownKind(named: string | { apiVersion: string; kind: string }): Kind | undefined {
  if (typeof named !== 'string') return KNOWN.find(({ apiVersion, kind }) => apiVersion === named.apiVersion && kind === named.kind);
  return KNOWN.find((each) => isCalled(each, named) || each.short.includes(named.toLowerCase()));
}

/** As knownKind, but asks the cluster for what it does not know. Throws Failure not-found. */
export async function findKind(
  named: string | { apiVersion: string; kind: string },
  cluster: Pick<Cluster, 'resources'>,
  signal: AbortSignal,
): Promise<Kind> {
  const known = knownKind(named);
  if (known !== undefined) return known;
  const found = (await cluster.resources(signal)).find((each) =>
    typeof named === 'string' ? isCalled(each, named) : each.apiVersion === named.apiVersion && each.kind === named.kind,
  );
  if (found !== undefined) return found;
  const what = typeof named === 'string' ? `\`${named}\`` : `${named.apiVersion} ${named.kind}`;
  throw new Failure('not-found', `the cluster serves no kind ${what}`, { hint: '`kubectl api-resources` lists what it serves' });
}
