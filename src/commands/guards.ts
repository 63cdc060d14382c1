// Clusters that attacks must not be run on by accident.
import type { Cluster } from '../ports/cluster.ts';
import { Failure } from '../ports/failure.ts';

/** On the namespace kube-system: no run without --allow-protected. */
const PROTECTED_ANNOTATION = 'kubesim.io/protected';

const PRODUCTION = /(?:^|(?<!\bnon)[^a-z])(?:prod|prd|production|live)(?:$|[^a-z])/i;

export const looksLikeProduction = (name: string): boolean => PRODUCTION.test(name);

export interface Guarded {
  /** What tells this cluster from all others: the UID of kube-system, else the server's address. */
  identity: string;
  /** Reasons not to run here. */
  reasons: string[];
  /** Why it is not known whether the cluster says that it is protected. */
  doubt?: string;
}

/** Reads the namespace kube-system; where that is forbidden, only names can warn. */
export async function guardsOf(cluster: Cluster, signal: AbortSignal): Promise<Guarded> {
  const system = await cluster.get({ apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' }, signal).catch((error: unknown) => {
    if (error instanceof Failure && error.code === 'forbidden') return undefined;
    throw error;
  });
  const mark = system?.metadata.annotations?.[PROTECTED_ANNOTATION];
  const reasons = [
    ...(mark !== undefined && mark !== 'false' ? [`kube-system carries the annotation ${PROTECTED_ANNOTATION}: ${mark}`] : []),
    ...[cluster.context, cluster.server].filter(looksLikeProduction).map((name) => `"${name}" looks like production`),
  ];
  const doubt = 'kube-system may not be read, so whether this cluster is marked as protected is not known';
  return { identity: system?.metadata.uid ?? cluster.server, reasons, ...(system === undefined ? { doubt } : {}) };
}
