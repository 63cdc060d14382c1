// How an object says that it belongs to a run, and how that is proved before anything is deleted.
import type { KubernetesObject } from '../ports/cluster.ts';

const MANAGED_BY = 'app.kubernetes.io/managed-by';
const INSTANCE = 'app.kubernetes.io/instance';
const PART_OF = 'app.kubernetes.io/part-of';
const TOOL = 'kubesim';

/** On the namespace that a run makes: its run id. Somebody who can label a namespace has not made it. */
export const CREATION_ANNOTATION = 'kubesim.io/created-by-run';

export const namespaceOf = (runId: string): string => `sim-${runId}`;

/** The run's id, where a namespace has the name of one. */
export const runIdOf = (namespace: string): string | undefined => /^sim-([a-z0-9]{1,32})$/.exec(namespace)?.[1];

/** Labels of every object of a run (kubernetes.io/docs/concepts/overview/working-with-objects/common-labels). */
export function labelsOf(run: { id: string; playbook: string }): Record<string, string> {
  return { [MANAGED_BY]: TOOL, [INSTANCE]: run.id, [PART_OF]: run.playbook };
}

/** Selects everything of one run, or of all runs. */
export const runSelector = (runId?: string): string =>
  [`${MANAGED_BY}=${TOOL}`, ...(runId === undefined ? [] : [`${INSTANCE}=${runId}`])].join(',');

/** True where the object's labels name this run. */
export function belongsTo({ metadata }: KubernetesObject, runId: string): boolean {
  return metadata.labels?.[MANAGED_BY] === TOOL && metadata.labels[INSTANCE] === runId;
}

/** Why a namespace is not provably one that this run made; undefined where it is. */
export function notOurs(namespace: KubernetesObject, runId: string): string | undefined {
  const { name, annotations } = namespace.metadata;
  if (name !== namespaceOf(runId)) return `its name is not ${namespaceOf(runId)}`;
  if (!belongsTo(namespace, runId)) return 'its labels do not name this run';
  return annotations?.[CREATION_ANNOTATION] === runId ? undefined : `it lacks the annotation ${CREATION_ANNOTATION}=${runId}`;
}

/** The namespace of a run, as it is applied. */
export function namespaceObject(run: { id: string; playbook: string }): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespaceOf(run.id), labels: labelsOf(run), annotations: { [CREATION_ANNOTATION]: run.id } },
  };
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
