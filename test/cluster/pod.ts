// One pod of the victim's image that sleeps, in a namespace of its own.
import { randomBytes } from 'node:crypto';
import { env } from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { connectCluster } from '../../src/adapters/kubernetes/connect.ts';
import type { Cluster } from '../../src/ports/cluster.ts';

export interface SleepingPod {
  cluster: Cluster;
  namespace: string;
  /** Runs a shell script in it. */
  shell(script: string): Promise<{ exitCode: number; stdout: string; stderr: string }>;
  remove(): Promise<void>;
}

/** Resolves when the pod is ready. */
export async function sleepingPod({ kubeconfig, image }: { kubeconfig: string; image: string }): Promise<SleepingPod> {
  const cluster = await connectCluster({ kubeconfig, env });
  const signal = AbortSignal.timeout(120_000);
  const namespace = `sim-lab-${randomBytes(4).toString('hex')}`;
  const pod = { namespace, name: 'pod' };
  await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, {}, signal);
  const container = { name: 'main', image, imagePullPolicy: 'IfNotPresent', command: ['sleep', '3600'] };
  await cluster.apply(
    { apiVersion: 'v1', kind: 'Pod', metadata: pod, spec: { terminationGracePeriodSeconds: 0, containers: [container] } },
    {},
    signal,
  );
  for await (const { object } of cluster.watch({ apiVersion: 'v1', kind: 'Pod', namespace }, signal)) {
    if ((object?.status as { phase?: string } | undefined)?.phase === 'Running') break;
  }
  return {
    cluster,
    namespace,
    shell: (script) => cluster.exec(pod, ['sh', '-c', script], { signal: AbortSignal.timeout(60_000) }),
    /** Resolves when the namespace is gone: whoever takes an inventory next must not see it end. */
    async remove() {
      const limit = AbortSignal.timeout(120_000);
      const reference = { apiVersion: 'v1', kind: 'Namespace', name: namespace };
      await cluster.delete(reference, {}, limit);
      while ((await cluster.get(reference, limit)) !== undefined) await setTimeout(200, undefined, { signal: limit });
    },
  };
}
