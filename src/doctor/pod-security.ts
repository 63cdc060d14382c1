// Whether the cluster's admission controls would take the playbooks' pods: a server-side dry run, which stores nothing.
import type { KubernetesObject } from '../ports/cluster.ts';
import { Failure } from '../ports/failure.ts';
import type { Check, CheckLine } from './check.ts';

/** A namespace that every cluster has; the run's own does not exist yet. */
const NAMESPACE = 'default';
const ENFORCE = 'pod-security.kubernetes.io/enforce';

export const podSecurity: Check = {
  id: 'pod-security',
  title: 'Pod Security',
  async run({ cluster, plan, signal }) {
    const pods = distinct(plan?.objects.filter(({ kind }) => kind === 'Pod') ?? []);
    if (pods.length === 0) return [{ status: 'unknown', message: 'no pods to try: the playbooks could not be planned, or create none' }];
    const namespace = await cluster.get({ apiVersion: 'v1', kind: 'Namespace', name: NAMESPACE }, signal);
    const level = namespace?.metadata.labels?.[ENFORCE];
    const where = `dry run in the namespace ${NAMESPACE}${level === undefined ? '' : `, which enforces ${level}`}`;
    const lines = (
      await Promise.all(
        pods.map(async (pod): Promise<CheckLine[]> => {
          try {
            await cluster.apply(asProbe(pod), { dryRun: true }, signal);
            return [];
          } catch (error) {
            if (!(error instanceof Failure)) throw error;
            const denied = error.code === 'admission-denied';
            return [
              {
                status: denied ? 'fail' : 'unknown',
                message: `pod ${pod.metadata.name} (${where}): ${denied && error.details.policy ? `${error.details.policy} refuses it: ` : ''}${error.message}`,
                ...(denied ? { hint: 'A run would end as prevented; exempt the namespaces sim-* to see what the detectors do.' } : {}),
              },
            ];
          }
        }),
      )
    ).flat();
    return lines.length > 0 ? lines : [{ status: 'ok', message: `the cluster admits the playbooks' pods (${where})` }];
  },
};

/** Every run has the same pods but for names and tokens. */
function distinct(pods: readonly KubernetesObject[]): KubernetesObject[] {
  return [...new Map(pods.map((pod) => [pod.metadata.name, pod])).values()];
}

function asProbe(pod: KubernetesObject): KubernetesObject {
  const { serviceAccountName: _, ...spec } = (pod.spec ?? {}) as Record<string, unknown>;
  return { ...pod, metadata: { name: `sim-doctor-${pod.metadata.name}`, namespace: NAMESPACE, labels: { ...pod.metadata.labels } }, spec };
}
