// Deleting what takes its time, and waiting for its end.
import type { Cluster, KubernetesObject, ObjectReference } from '../ports/cluster.ts';
import { Failure } from '../ports/failure.ts';
import { runSelector } from './identity.ts';

/** Deletes the run's pods and waits for their end: a namespace that still has some takes seconds longer, and a process may still run. */
export async function endPods(
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

/** Deletes the namespace and waits until it is gone. Throws Failure timeout with what holds it. */
export async function removeNamespace(cluster: Cluster, namespace: ObjectReference, signal: AbortSignal): Promise<void> {
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

/** Deletes an object outside of the run's namespace and makes sure that it is gone. Throws Failure timeout with what holds it. */
export async function removeForGood(
  cluster: Cluster,
  object: ObjectReference,
  { patience, signal }: { patience: number; signal: AbortSignal },
): Promise<void> {
  await cluster.delete(object, {}, signal);
  // All others are gone when the request is answered, unless something holds them.
  if (object.kind === 'Pod') await ended(cluster, object, AbortSignal.any([signal, AbortSignal.timeout(patience)]));
  const left = await cluster.get(object, signal);
  if (left === undefined || left.metadata.uid !== object.uid) return;
  const { finalizers = [] } = left.metadata;
  throw new Failure('timeout', finalizers.length === 0 ? 'it has not ended yet' : `it is held by ${finalizers.join(', ')}`);
}

/** Resolves when the object is gone, or the signal aborts. */
async function ended(cluster: Cluster, { apiVersion, kind, namespace, name, uid }: ObjectReference, signal: AbortSignal): Promise<void> {
  const stop = new AbortController();
  const query = { apiVersion, kind, fieldSelector: `metadata.name=${name}`, ...(namespace === undefined ? {} : { namespace }) };
  let isThere = false;
  for await (const { type, object } of cluster.watch(query, AbortSignal.any([signal, stop.signal]))) {
    if (object?.metadata.uid === uid) isThere = type !== 'DELETED';
    if ((type === 'SYNCED' || type === 'DELETED') && !isThere) stop.abort();
  }
}

/** Why the cluster does not let a namespace go, in its own words. */
function stuck(namespace: KubernetesObject | undefined): Failure | undefined {
  const { conditions = [] } = (namespace?.status ?? {}) as { conditions?: { type: string; status: string; message?: string }[] };
  const said = conditions.filter(({ status }) => status === 'True').map(({ message, type }) => message ?? type);
  return said.length === 0 ? undefined : new Failure('timeout', said.join('; '));
}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
