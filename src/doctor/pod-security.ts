// Whether the cluster's admission controls would take the playbooks' pods: a server-side dry run, which stores nothing.
import type { KubernetesObject } from '../ports/cluster.ts';
import { Failure } from '../ports/failure.ts';
import type { Check, CheckLine } from './check.ts';
import { plannedPods } from './planned-pods.ts';

/** A namespace that every cluster has; the run's own does not exist yet. */
const NAMESPACE = 'default';
const ENFORCE = 'pod-security.kubernetes.io/enforce';

export const podSecurity: Check = {
  id: 'pod-security',
  title: 'Pod Security',
  needs: 'api-server',
  async run({ cluster, plan, namespace = NAMESPACE, signal }) {
    const pods = plannedPods(plan?.objects);
    if (pods.length === 0) return [{ status: 'unknown', message: 'no pods to try: the playbooks could not be planned, or create none' }];
    const home = await cluster.get({ apiVersion: 'v1', kind: 'Namespace', name: namespace }, signal).catch(unlessForbidden);
    const level = home?.metadata.labels?.[ENFORCE];
    const where = `dry run in the namespace ${namespace}${level === undefined ? '' : `, which enforces ${level}`}`;
    const lines = (
      await Promise.all(
        pods.map(async ({ name, pod }): Promise<CheckLine[]> => {
          try {
            await cluster.apply(asProbe(pod, namespace), { dryRun: true }, signal);
            return [];
          } catch (error) {
            if (!(error instanceof Failure)) throw error;
            const denied = error.code === 'admission-denied';
            return [
              {
                status: denied ? 'fail' : 'unknown',
                message: `${name} (${where}): ${denied && error.details.policy ? `${error.details.policy} refuses it: ` : ''}${error.message}`,
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

/** The level is worth a word, not a right that only administrators have. */
function unlessForbidden(error: unknown): undefined {
  if (!(error instanceof Failure && error.code === 'forbidden')) throw error;
}

function asProbe({ metadata, spec, ...pod }: KubernetesObject, namespace: string): KubernetesObject {
  const { serviceAccountName: _, ...rest } = (spec ?? {}) as Record<string, unknown>;
  const { name, labels = {}, annotations = {} } = metadata;
  return { ...pod, metadata: { name: `sim-doctor-${name}`, namespace, labels, annotations }, spec: rest };
}
