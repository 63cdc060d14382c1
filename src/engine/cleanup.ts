// Takes away what a run has made, last made first, and nothing that is not provably the run's own.
import type { Cluster, KubernetesObject, ObjectReference } from '../ports/cluster.ts';
import { Failure } from '../ports/failure.ts';
import type { Observer, Removal } from './events.ts';
import { belongsTo, namespaceOf, notOurs, runSelector, WORKLOADS } from './identity.ts';

/** How long pods may take to end before the namespace is deleted all the same, milliseconds. */
const POD_PATIENCE = 30_000;

export interface CleanupTarget {
  runId: string;
  /** In the order of their creation; empty where only the cluster is known. */
  objects: readonly ObjectReference[];
}

/** Objects of a run's log, each once, with its UID where the creation was answered. */
export function objectsOf(events: readonly { type: string; object?: unknown }[]): ObjectReference[] {
  const found = new Map<string, ObjectReference>();
  for (const { type, object } of events) {
    if (type !== 'object-intended' && type !== 'object-created') continue;
    const reference = object as ObjectReference;
    const { apiVersion, kind, namespace, name } = reference;
    found.set([apiVersion, kind, namespace, name].join('/'), reference);
  }
  return [...found.values()];
}

/**
 * Removes the run's objects, then its namespace, and waits until both are gone. Not found counts as cleaned; what is not provably the run's
 * own is kept, with the reason. Never throws: what could not be removed, also because the signal aborted, is in the answer as failed.
 */
export async function cleanUp(
  { cluster, now, record, podPatience = POD_PATIENCE }: { cluster: Cluster; now(): number; record: Observer; podPatience?: number },
  { runId, objects }: CleanupTarget,
  signal: AbortSignal,
): Promise<Removal[]> {
  const removals: Removal[] = [];
  const note = (object: ObjectReference, result: Removal['result'], reason?: string) => {
    const removal: Removal = { object, result, ...(reason === undefined ? {} : { reason }) };
    removals.push(removal);
    record({ type: 'object-removed', at: now(), removal });
  };
  const name = namespaceOf(runId);
  const logged = objects.find(({ kind }) => kind === 'Namespace') ?? { apiVersion: 'v1', kind: 'Namespace', name };
  try {
    const namespace = await cluster.get(logged, signal);
    if (namespace === undefined || (logged.uid !== undefined && namespace.metadata.uid !== logged.uid)) {
      // Nothing of a run outlives its namespace; one of the same name made anew is somebody else's.
      for (const object of [...objects].reverse()) note(object, 'absent');
      return removals;
    }
    const foreign = notOurs(namespace, runId);
    if (foreign !== undefined) {
      note(logged, 'kept', foreign);
      return removals;
    }
    const inside = objects.filter(({ kind }) => kind !== 'Namespace').reverse();
    const remove = async (wanted: boolean) => {
      for (const object of inside.filter(({ kind }) => WORKLOADS.has(kind) === wanted)) {
        try {
          await removeObject(cluster, runId, object, note, signal);
        } catch (error) {
          // The namespace takes it along; only where that fails too is it left behind.
          if (signal.aborted) throw error;
        }
      }
    };
    await remove(true);
    // A kubelet that finds the volumes of a pod gone ends the pod late.
    await endPods(cluster, runId, name, { patience: podPatience, signal });
    await remove(false);
    await removeNamespace(cluster, { ...logged, uid: namespace.metadata.uid ?? '' }, signal);
    note(logged, 'deleted');
  } catch (error) {
    note(logged, 'failed', reasonOf(error));
  }
  return removals;
}

/** What is still there, or may be. */
export const leftBehind = (removals: readonly Removal[]): Removal[] =>
  removals.filter(({ result }) => result === 'failed' || result === 'kept');

async function removeObject(
  cluster: Cluster,
  runId: string,
  object: ObjectReference,
  note: (object: ObjectReference, result: Removal['result'], reason?: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let { uid } = object;
  if (uid === undefined) {
    // The run ended between its note and the cluster's answer: the object's labels say whose it is.
    const found = await cluster.get(object, signal);
    if (found !== undefined && !belongsTo(found, runId)) return note(object, 'kept', 'its labels do not name this run');
    uid = found?.metadata.uid;
  }
  const isDeleted = uid !== undefined && (await cluster.delete({ ...object, uid }, {}, signal));
  note(object, isDeleted ? 'deleted' : 'absent');
}

/** Deletes the run's pods and waits for their end: a namespace that still has some takes seconds longer, and a process may still run. */
async function endPods(
  cluster: Cluster,
  runId: string,
  namespace: string,
  { patience, signal }: { patience: number; signal: AbortSignal },
): Promise<void> {
  const stop = new AbortController();
  // A pod that a finalizer or a dead node holds must not keep the namespace from being asked to go.
  const limit = AbortSignal.any([signal, stop.signal, AbortSignal.timeout(patience)]);
  const present = new Map<string, KubernetesObject>();
  let synced = false;
  const query = { apiVersion: 'v1', kind: 'Pod', namespace, labelSelector: runSelector(runId) };
  for await (const { type, object } of cluster.watch(query, limit)) {
    if (type === 'SYNCED') synced = true;
    else if (object !== undefined) {
      const { uid = '', name = '', deletionTimestamp } = object.metadata;
      if (type === 'DELETED') present.delete(uid);
      else present.set(uid, object);
      if (type === 'ADDED' && deletionTimestamp === undefined)
        await cluster.delete({ apiVersion: 'v1', kind: 'Pod', namespace, name, uid }, {}, signal);
    }
    if (synced && present.size === 0) stop.abort();
  }
  signal.throwIfAborted();
}

async function removeNamespace(cluster: Cluster, namespace: ObjectReference, signal: AbortSignal): Promise<void> {
  const stop = new AbortController();
  const { apiVersion, kind, name, uid } = namespace;
  let last: KubernetesObject | undefined;
  await cluster.delete(namespace, {}, signal);
  const query = { apiVersion, kind, fieldSelector: `metadata.name=${name}` };
  for await (const { type, object } of cluster.watch(query, AbortSignal.any([signal, stop.signal]))) {
    const isIt = object?.metadata.uid === uid;
    if (isIt) last = type === 'DELETED' ? undefined : object;
    // Synced without having seen it: it was gone already.
    if ((type === 'DELETED' && isIt) || (type === 'SYNCED' && last === undefined)) stop.abort();
  }
  if (signal.aborted) throw stuck(last) ?? signal.reason;
}

/** Why the cluster does not let a namespace go, in its own words. */
function stuck(namespace: KubernetesObject | undefined): Failure | undefined {
  const { conditions = [] } = (namespace?.status ?? {}) as { conditions?: { type: string; status: string; message?: string }[] };
  const said = conditions.filter(({ status }) => status === 'True').map(({ message, type }) => message ?? type);
  return said.length === 0 ? undefined : new Failure('timeout', said.join('; '));
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
