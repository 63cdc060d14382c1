// How an object says that it belongs to a run, and how that is proved before anything is deleted.
import type { KubernetesObject, ObjectReference } from '../ports/cluster.ts';

const MANAGED_BY = 'app.kubernetes.io/managed-by';
const INSTANCE = 'app.kubernetes.io/instance';
const PART_OF = 'app.kubernetes.io/part-of';
const TOOL = 'kubesim';

/** On the namespace that a run makes, and on its objects outside of that: its run id. Somebody who can label an object has not made it. */
export const CREATION_ANNOTATION = 'kubesim.io/created-by-run';

export const namespaceOf = (runId: string): string => `sim-${runId}`;

/** The run's id, where a namespace has the name of one. */
export const runIdOf = (namespace: string): string | undefined => /^sim-([a-z0-9]{1,32})$/.exec(namespace)?.[1];

/** Whether an object is one of those that the run's namespace does not take along. */
export const isOutside = ({ kind, namespace }: Pick<ObjectReference, 'kind' | 'namespace'>, runNamespace: string): boolean =>
  kind !== 'Namespace' && namespace !== runNamespace;

/** The object's name and place, with its UID where it has one. */
export function referenceTo({ apiVersion, kind, metadata }: KubernetesObject): ObjectReference {
  const { name = '', namespace, uid } = metadata;
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) };
}

/** Labels of every object of a run (kubernetes.io/docs/concepts/overview/working-with-objects/common-labels). */
export function labelsOf(run: { id: string; playbook: string }): Record<string, string> {
  return { [MANAGED_BY]: TOOL, [INSTANCE]: run.id, [PART_OF]: run.playbook };
}

/** Selects everything of one run, or of all runs. */
export const runSelector = (runId?: string): string =>
  [`${MANAGED_BY}=${TOOL}`, ...(runId === undefined ? [] : [`${INSTANCE}=${runId}`])].join(',');

/** The run that an object's labels name. */
export function runIdIn({ metadata }: KubernetesObject): string | undefined {
  const id = metadata.labels?.[INSTANCE];
  return id !== undefined && /^[a-z0-9]{1,32}$/.test(id) ? id : undefined;
}

/** True where the object's labels name this run. */
export function belongsTo({ metadata }: KubernetesObject, runId: string): boolean {
  return metadata.labels?.[MANAGED_BY] === TOOL && metadata.labels[INSTANCE] === runId;
}

/** Why a namespace, or an object outside of the run's, is not provably one that this run made; undefined where it is. */
export function notOurs(object: KubernetesObject, runId: string): string | undefined {
  const { name = '', annotations } = object.metadata;
  const wanted = namespaceOf(runId);
  if (object.kind === 'Namespace' && name !== wanted) return `its name is not ${wanted}`;
  if (object.kind !== 'Namespace' && !name.startsWith(`${wanted}-`)) return `its name does not begin with ${wanted}-`;
  if (!belongsTo(object, runId)) return 'its labels do not name this run';
  return annotations?.[CREATION_ANNOTATION] === runId ? undefined : `it lacks the annotation ${CREATION_ANNOTATION}=${runId}`;
}

/** The namespace of a run, as it is applied; `annotations` beside our own. */
export function namespaceObject(run: { id: string; playbook: string }, annotations: Record<string, string> = {}): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespaceOf(run.id), labels: labelsOf(run), annotations: { ...annotations, [CREATION_ANNOTATION]: run.id } },
  };
}

/** When an object of a kind is created, small numbers first: what others read before them, rights before who uses them, webhooks when all is there. */
export function stageOf(kind: string): number {
  if (kind.endsWith('WebhookConfiguration')) return 3;
  if (WORKLOADS.has(kind)) return 2;
  return kind.endsWith('RoleBinding') ? 1 : 0;
}

/** Kinds that run pods: what these read is created before them, and removed after them. */
export const WORKLOADS: ReadonlySet<string> = new Set([
  'Pod',
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
  'ReplicationController',
]);
