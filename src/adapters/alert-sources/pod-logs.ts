// Logs of all pods of a product, followed at once: pods come and go, connections break, and what may have been lost is told.
import type { Clock } from '../../ports/clock.ts';
import type { Cluster, KubernetesObject, PodReference } from '../../ports/cluster.ts';
import { Failure } from '../../ports/failure.ts';
import { jsonOf, listOf } from './fields.ts';
import { every } from './pushed.ts';

export interface PodLogs {
  namespace: string;
  labelSelector: string;
  container: string;
}

export interface LogWatcher {
  /** `baseline`: it stood there before. Lines may come twice where a connection broke. */
  line(text: string, baseline: boolean): void;
  heartbeat(at: number): void;
  gap(from: number, to: number, reason: string): void;
  fail(error: unknown): void;
}

const BEAT = 2000;
/** Lines of each pod that count as what was there before. */
const BASELINE = 500;
/** Seconds read again after a break, beside its own length. */
const OVERLAP = 5;

/**
 * Follows them until the signal; resolves once the lines that are there have been read. Throws Failure not-found where no pod runs, forbidden
 * and the like where they may not be read.
 */
export async function followPods(
  cluster: Cluster,
  which: PodLogs,
  since: number,
  clock: Clock,
  watcher: LogWatcher,
  signal: AbortSignal,
): Promise<void> {
  /** By UID of the pod: whether its log is being read now. */
  const following = new Map<string, { connected: boolean }>();
  let covered = since;
  const lost = (reason: string) => {
    const now = clock.now();
    watcher.gap(covered, now, reason);
    covered = Math.max(covered, now);
  };

  const follow = async (pod: PodReference, uid: string, first: { sinceSeconds?: number }) => {
    const state = { connected: true };
    following.set(uid, state);
    let options = first;
    for (;;) {
      try {
        for await (const line of cluster.logs(pod, { follow: true, ...options, signal })) watcher.line(line, false);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        if (error.code === 'unauthorized' || error.code === 'forbidden') throw error;
      }
      if (signal.aborted) return;
      state.connected = false;
      const broken = clock.now();
      await clock.sleep(1000, signal);
      if (!following.has(uid)) return;
      options = { sinceSeconds: Math.ceil((clock.now() - broken) / 1000) + OVERLAP };
      state.connected = true;
      lost(`the log of ${pod.namespace}/${pod.name} broke off`);
    }
  };
  const begin = (pod: PodReference, uid: string, first: { sinceSeconds?: number }) =>
    void follow(pod, uid, first).catch((error) => {
      if (!signal.aborted) watcher.fail(error);
    });

  const pods = await running(cluster, which, signal);
  if (pods.length === 0)
    throw new Failure('not-found', `no pod with ${which.labelSelector} runs in the namespace ${which.namespace}`, {
      hint: 'name the namespace and the labels of its pods in the configuration',
    });
  const began = clock.now();
  await Promise.all(
    pods.map(async ({ pod }) => {
      for await (const line of cluster.logs(pod, { tailLines: BASELINE, signal })) watcher.line(line, true);
    }),
  );
  for (const { pod, uid } of pods) begin(pod, uid, { sinceSeconds: Math.ceil((clock.now() - began) / 1000) + OVERLAP });

  const beat = async () => {
    const start = clock.now();
    try {
      const found = await running(cluster, which, signal);
      const uids = new Set(found.map(({ uid }) => uid));
      for (const uid of following.keys()) if (!uids.has(uid)) following.delete(uid);
      for (const { pod, uid } of found) if (!following.has(uid)) begin(pod, uid, {});
      const broken = found.find(({ uid, ready }) => !ready || following.get(uid)?.connected !== true);
      if (found.length === 0) lost(`no pod with ${which.labelSelector} runs any more`);
      else if (broken !== undefined) lost(`${broken.pod.namespace}/${broken.pod.name} is not ready, or its log cannot be read`);
      else {
        covered = Math.max(covered, start);
        watcher.heartbeat(start);
      }
    } catch (error) {
      if (!(error instanceof Failure) || error.code === 'unauthorized' || error.code === 'forbidden') throw error;
      lost(error.message);
    }
  };
  await beat();
  void every(clock, BEAT, signal, beat, watcher.fail);
}

interface RunningPod {
  pod: PodReference;
  uid: string;
  ready: boolean;
}

async function running(cluster: Cluster, { namespace, labelSelector, container }: PodLogs, signal: AbortSignal): Promise<RunningPod[]> {
  const pods = await cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace, labelSelector }, signal);
  return pods
    .filter(({ metadata, status }) => metadata.deletionTimestamp === undefined && jsonOf(status).phase === 'Running')
    .map((pod) => ({
      pod: { namespace, name: pod.metadata.name ?? '', container },
      uid: pod.metadata.uid ?? '',
      ready: isReady(pod),
    }));
}

const isReady = ({ status }: KubernetesObject): boolean =>
  listOf(jsonOf(status).conditions).some((condition) => jsonOf(condition).type === 'Ready' && jsonOf(condition).status === 'True');
