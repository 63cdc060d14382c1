// Everything that the API of a cluster serves, by name: to be compared before and after.
import type { Cluster, KubernetesObject } from '../../src/ports/cluster.ts';

/** Kinds that a cluster writes about itself all the time. */
const RESTLESS = new Set(['Event', 'Lease', 'PodMetrics', 'NodeMetrics', 'IPAddress']);

/** "v1 Secret default/name", sorted, of all kinds in all namespaces, cluster-scoped ones too. */
export async function inventory(cluster: Cluster): Promise<string[]> {
  const signal = AbortSignal.timeout(60_000);
  const kinds = (await cluster.resources(signal)).filter(({ kind }) => !RESTLESS.has(kind));
  const lists = await Promise.all(kinds.map(({ apiVersion, kind }) => cluster.list({ apiVersion, kind }, signal)));
  return lists.flat().map(nameOf).sort();
}

/** Resolves when no namespace is on its way out any more, so that whoever takes an inventory next finds nothing that goes by itself. */
export async function settled(cluster: Cluster): Promise<void> {
  const signal = AbortSignal.timeout(60_000);
  const leaving = new Set<string>();
  for await (const { type, object } of cluster.watch({ apiVersion: 'v1', kind: 'Namespace' }, signal)) {
    const name = object?.metadata.name ?? '';
    if (type === 'DELETED' || object?.metadata.deletionTimestamp === undefined) leaving.delete(name);
    else leaving.add(name);
    // The first list has been told whole.
    if (type === 'SYNCED' || type === 'DELETED') if (leaving.size === 0) return;
  }
  throw new Error(`these namespaces do not end: ${[...leaving].join(', ')}`);
}

const nameOf = ({ apiVersion, kind, metadata }: KubernetesObject): string =>
  `${apiVersion} ${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
