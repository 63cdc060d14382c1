// Takes away what a run has made, what reaches furthest first, and nothing that is not provably the run's own.
import type { Cluster, ObjectReference } from '../ports/cluster.ts';
import type { Observer, Removal } from './events.ts';
import { belongsTo, isOutside, namespaceOf, notOurs, WORKLOADS } from './identity.ts';
import { removeOutside } from './outside.ts';
import { endPods, reasonOf, removeNamespace } from './removal.ts';

/** How long pods may take to end before the namespace is deleted all the same, milliseconds. */
const POD_PATIENCE = 30_000;

export interface CleanupTarget {
  runId: string;
  /** In the order of their creation; where only the cluster is known, those outside of the run's namespace (outside.ts finds them). */
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
 * Removes the run's objects outside of its namespace, those inside, then the namespace, and waits until they are gone. Not found counts as
 * cleaned; what is not provably the run's own is kept, with the reason. Never throws: what could not be removed, also because the signal
 * aborted, is in the answer as failed.
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
  const patience = { patience: podPatience, signal };
  const outside = objects.filter((object) => isOutside(object, name));
  const own = objects.filter((object) => !isOutside(object, name));
  await removeOutside(cluster, runId, outside, note, patience);
  const logged = own.find(({ kind }) => kind === 'Namespace') ?? { apiVersion: 'v1', kind: 'Namespace', name };
  try {
    const namespace = await cluster.get(logged, signal);
    if (namespace === undefined || (logged.uid !== undefined && namespace.metadata.uid !== logged.uid)) {
      // Nothing in a namespace outlives it; one of the same name made anew is somebody else's.
      for (const object of [...own].reverse()) note(object, 'absent');
      return removals;
    }
    const foreign = notOurs(namespace, runId);
    if (foreign !== undefined) {
      note(logged, 'kept', foreign);
      return removals;
    }
    const inside = own.filter(({ kind }) => kind !== 'Namespace').reverse();
    const remove = async (wanted: boolean) => {
      for (const object of inside.filter(({ kind }) => WORKLOADS.has(kind) === wanted)) {
        try {
          await removeInside(cluster, runId, object, note, signal);
        } catch (error) {
          // The namespace takes it along; only where that fails too is it left behind.
          if (signal.aborted) throw error;
        }
      }
    };
    await remove(true);
    // A kubelet that finds the volumes of a pod gone ends the pod late.
    await endPods(cluster, runId, name, patience);
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

async function removeInside(
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
