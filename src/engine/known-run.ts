// What tells a run from all others, as it is learned: alerts are known by it.
import type { RunIdentity } from '../alerts/correlate.ts';
import type { OtherRun } from '../alerts/evidence.ts';
import type { KnownPod } from './events.ts';

/** The runs of one command on one cluster, as they are known now: for telling their alerts apart. */
export type RunsOfCommand = Set<() => OtherRun>;

export interface KnownRun {
  identity(): RunIdentity;
  pods(): KnownPod[];
  /** Nodes of its pods: where the attacks ran. */
  nodes(): string[];
  /** True where something of it was not known before. */
  learn(pod: KnownPod): boolean;
}

/** `clusters`: what products may call the cluster. The identity is another object whenever it has changed. */
export function knownRun({ id, namespace }: { id: string; namespace: string }, clusters: readonly string[]): KnownRun {
  const pods = new Map<string, KnownPod>();
  let identity: RunIdentity = { id, namespace, podNames: [], podUids: [], containerIds: [], clusters };
  return {
    identity: () => identity,
    pods: () => [...pods.values()],
    nodes: () => [...new Set([...pods.values()].flatMap(({ node }) => node ?? []))],
    learn(pod) {
      if (JSON.stringify(pods.get(pod.uid)) === JSON.stringify(pod)) return false;
      pods.set(pod.uid, pod);
      const all = [...pods.values()];
      identity = {
        ...identity,
        podNames: all.filter(({ hasOwnName }) => hasOwnName).map(({ name }) => name),
        podUids: all.map(({ uid }) => uid),
        // A container that has started anew since keeps its old alerts.
        containerIds: [...new Set([...identity.containerIds, ...pod.containerIds])],
      };
      return true;
    },
  };
}
