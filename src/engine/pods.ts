// Which pod a step means: a role that a step declared, or a selector; among the run's own, or in a namespace that the operator allowed.
import { hintFor } from '../language/suggest.ts';
import type { Cluster, KubernetesObject, PodReference } from '../ports/cluster.ts';
import { Failure } from '../ports/failure.ts';
import type { PodSelector, StepContext } from '../steps/step.ts';
import type { KnownPod } from './events.ts';
import { runSelector } from './identity.ts';
import { allowTarget, forbiddenTargets } from './targets.ts';

interface PodStatus {
  phase?: string;
  conditions?: { type: string; status: string }[];
  containerStatuses?: { containerID?: string }[];
}

type Roles = Parameters<StepContext['declareRoles']>[0];

interface Chosen {
  namespace: string;
  labels: string;
  container?: string;
  what: string;
}

/**
 * Roles of a run, and the pods behind them. `allowed`: namespaces beside the run's own whose pods may be used. `onPod` is told of each pod that
 * is used, for telling alerts of this run from others.
 */
export function podFinder(
  cluster: Cluster,
  run: { id: string; namespace: string },
  allowed: readonly string[],
  onPod: (pod: KnownPod) => void,
) {
  const roles = new Map<string, Roles[string]>();

  const bySelector = ({ selector, namespace = run.namespace, container }: Exclude<PodSelector, string>, what: string): Chosen => {
    if (forbiddenTargets([namespace], { own: run.namespace, allowed }).length > 0)
      throw new Failure('invalid', `${what} is in the namespace ${namespace}: a run works on its own pods only`, {
        hint: `where that is meant, write the namespace into the playbook and add ${allowTarget(namespace)}`,
      });
    return { namespace, labels: selector, what, ...(container === undefined ? {} : { container }) };
  };

  const chosen = (selector: PodSelector): Chosen => {
    if (typeof selector !== 'string') return bySelector(selector, `the pod \`${selector.selector}\``);
    const role = roles.get(selector);
    if (role === undefined) {
      const hint = hintFor(selector, [...roles.keys()], 'there are') ?? 'no step before this one has declared roles';
      throw new Failure('not-found', `no pod has the role \`${selector}\``, { hint });
    }
    const what = `the role \`${selector}\``;
    if ('selector' in role) return bySelector(role, what);
    const labels = Object.entries(role.labels).map(([name, value]) => `${name}=${value}`);
    return bySelector({ selector: labels.join(','), ...(role.container === undefined ? {} : { container: role.container }) }, what);
  };

  return {
    declareRoles(declared: Roles) {
      for (const [name, role] of Object.entries(declared)) roles.set(name, role);
    },
    async find(selector: PodSelector, signal: AbortSignal): Promise<PodReference> {
      const { namespace, labels, container, what } = chosen(selector);
      const labelSelector = namespace === run.namespace ? `${labels},${runSelector(run.id)}` : labels;
      const query = { apiVersion: 'v1', kind: 'Pod', namespace, labelSelector };
      const pods = await cluster.list(query, signal);
      const ready = pods
        .filter(isReady)
        .sort((a, b) => (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? ''))[0];
      if (ready === undefined) {
        const states = pods.map((pod) => `${pod.metadata.name} is ${statusOf(pod).phase ?? 'new'}`);
        throw new Failure('not-found', `no ready pod for ${what} in ${namespace}: ${states.join(', ') || 'there is no such pod'}`);
      }
      onPod(knownPod(ready));
      return { namespace, name: ready.metadata.name ?? '', ...(container === undefined ? {} : { container }) };
    },
  };
}

/** What tells the pod and its containers from all others. */
export function knownPod(pod: KubernetesObject): KnownPod {
  const { namespace = '', name = '', uid = '' } = pod.metadata;
  const { containerStatuses = [] } = statusOf(pod);
  const containerIds = containerStatuses.flatMap(({ containerID }) => containerID?.replace(/^\w+:\/\//, '') ?? []);
  const { nodeName } = (pod.spec ?? {}) as { nodeName?: string };
  const node = nodeName === undefined ? {} : { node: nodeName };
  return { namespace, name, uid, containerIds, hasOwnName: pod.metadata.generateName !== undefined, ...node };
}

const statusOf = (pod: KubernetesObject): PodStatus => (pod.status ?? {}) as PodStatus;

function isReady(pod: KubernetesObject): boolean {
  const isTrue = statusOf(pod).conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
  return isTrue === true && pod.metadata.deletionTimestamp === undefined;
}
