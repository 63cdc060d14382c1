// Which pod a step means: a role of a deploy step, or a selector, always among the run's own.
import { hintFor } from '../language/suggest.ts';
import type { Cluster, KubernetesObject, PodReference } from '../ports/cluster.ts';
import { Failure } from '../ports/failure.ts';
import type { PodSelector, StepContext } from '../steps/step.ts';
import { runSelector } from './identity.ts';

interface PodStatus {
  phase?: string;
  conditions?: { type: string; status: string }[];
  containerStatuses?: { containerID?: string }[];
}

type Roles = Parameters<StepContext['declareRoles']>[0];

/** Roles of a run, and the pods behind them. `onPod` is told of each pod that is used, for telling alerts of this run from others. */
export function podFinder(cluster: Cluster, run: { id: string; namespace: string }, onPod: (uid: string, containerIds: string[]) => void) {
  const roles = new Map<string, Roles[string]>();

  const chosen = (selector: PodSelector): { labels: string; container?: string; what: string } => {
    if (typeof selector !== 'string') {
      if (selector.namespace !== undefined && selector.namespace !== run.namespace)
        throw new Failure(
          'invalid',
          `the pod \`${selector.selector}\` is in the namespace ${selector.namespace}: a run works on its own pods only`,
        );
      const { container } = selector;
      return { labels: selector.selector, what: `\`${selector.selector}\``, ...(container === undefined ? {} : { container }) };
    }
    const role = roles.get(selector);
    if (role === undefined) {
      const hint = hintFor(selector, [...roles.keys()], 'there are') ?? 'no deploy step before this one has declared roles';
      throw new Failure('not-found', `no pod has the role \`${selector}\``, { hint });
    }
    const labels = Object.entries(role.labels).map(([name, value]) => `${name}=${value}`);
    return {
      labels: labels.join(','),
      what: `the role \`${selector}\``,
      ...(role.container === undefined ? {} : { container: role.container }),
    };
  };

  return {
    declareRoles(declared: Roles) {
      for (const [name, role] of Object.entries(declared)) roles.set(name, role);
    },
    async find(selector: PodSelector, signal: AbortSignal): Promise<PodReference> {
      const { labels, container, what } = chosen(selector);
      const query = { apiVersion: 'v1', kind: 'Pod', namespace: run.namespace, labelSelector: `${labels},${runSelector(run.id)}` };
      const pods = await cluster.list(query, signal);
      const ready = pods
        .filter(isReady)
        .sort((a, b) => (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? ''))[0];
      if (ready === undefined) {
        const states = pods.map((pod) => `${pod.metadata.name} is ${statusOf(pod).phase ?? 'new'}`);
        throw new Failure('not-found', `no ready pod for ${what} in ${run.namespace}: ${states.join(', ') || 'there is no such pod'}`);
      }
      const ids = (statusOf(ready).containerStatuses ?? []).flatMap(({ containerID }) => containerID?.replace(/^\w+:\/\//, '') ?? []);
      onPod(ready.metadata.uid ?? '', ids);
      return { namespace: run.namespace, name: ready.metadata.name ?? '', ...(container === undefined ? {} : { container }) };
    },
  };
}

const statusOf = (pod: KubernetesObject): PodStatus => (pod.status ?? {}) as PodStatus;

function isReady(pod: KubernetesObject): boolean {
  const isTrue = statusOf(pod).conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
  return isTrue === true && pod.metadata.deletionTimestamp === undefined;
}
