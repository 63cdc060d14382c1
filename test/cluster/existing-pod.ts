// A workload that was there before: a namespace and a pod that no run has made, as a test's own.
import type { Cluster, KubernetesObject } from '../../src/ports/cluster.ts';

/** Of one call, milliseconds: a suite may take longer than that before it is done. */
const LIMIT = 120_000;

export interface ExistingPod {
  namespace: string;
  /** The pod as the cluster has it now. */
  pod(): Promise<KubernetesObject | undefined>;
  /** Command lines of the programs that run in it. */
  programs(): Promise<string[]>;
  remove(): Promise<void>;
}

/** Resolves when the pod, called web and labelled app=shop, is ready. */
export async function existingPod(cluster: Cluster, image: string, namespace: string): Promise<ExistingPod> {
  const signal = AbortSignal.timeout(LIMIT);
  const reference = { apiVersion: 'v1', kind: 'Pod', namespace, name: 'web' };
  const container = { name: 'main', image, imagePullPolicy: 'IfNotPresent', command: ['sleep', '3600'] };
  await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, {}, signal);
  await cluster.apply(
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', namespace, labels: { app: 'shop' } },
      spec: { terminationGracePeriodSeconds: 0, automountServiceAccountToken: false, containers: [container] },
    },
    {},
    signal,
  );
  type Status = { conditions?: { type: string; status: string }[] };
  for await (const { object } of cluster.watch({ apiVersion: 'v1', kind: 'Pod', namespace }, signal))
    if (((object?.status ?? {}) as Status).conditions?.some((each) => each.type === 'Ready' && each.status === 'True')) break;
  return {
    namespace,
    pod: () => cluster.get(reference, AbortSignal.timeout(LIMIT)),
    async programs() {
      const script = 'for p in /proc/[0-9]*; do tr "\\0" " " < $p/cmdline 2>/dev/null; echo; done';
      const { stdout } = await cluster.exec({ namespace, name: 'web' }, ['sh', '-c', script], { signal: AbortSignal.timeout(LIMIT) });
      return stdout
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '' && !line.includes('/proc/[0-9]') && !line.startsWith('tr '));
    },
    async remove() {
      const stop = new AbortController();
      const limit = AbortSignal.timeout(LIMIT);
      const query = { apiVersion: 'v1', kind: 'Namespace', fieldSelector: `metadata.name=${namespace}` };
      await cluster.delete({ apiVersion: 'v1', kind: 'Namespace', name: namespace }, {}, limit);
      for await (const { type } of cluster.watch(query, AbortSignal.any([limit, stop.signal]))) if (type === 'DELETED') stop.abort();
    },
  };
}
