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

const nameOf = ({ apiVersion, kind, metadata }: KubernetesObject): string =>
  `${apiVersion} ${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
