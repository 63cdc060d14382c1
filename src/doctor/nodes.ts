// Nodes that the simulation's pods can run on.
import type { KubernetesObject } from '../ports/cluster.ts';
import type { Check, CheckLine } from './check.ts';
import { plannedPods } from './planned-pods.ts';

interface Taint {
  key: string;
  value?: string;
  effect: string;
}

interface Toleration {
  key?: string;
  operator?: string;
  value?: string;
  effect?: string;
}

interface NodeFacts {
  spec?: { unschedulable?: boolean; taints?: Taint[] };
  status?: { conditions?: { type: string; status: string }[]; nodeInfo?: { architecture: string; operatingSystem: string } };
}

export const nodes: Check = {
  id: 'nodes',
  title: 'Nodes',
  needs: 'api-server',
  async run({ cluster, plan, signal }) {
    const all = await cluster.list({ apiVersion: 'v1', kind: 'Node' }, signal);
    const tolerations = plannedPods(plan?.objects).map(
      ({ pod }) => (pod.spec as { tolerations?: Toleration[] } | undefined)?.tolerations ?? [],
    );
    const usable = all.filter((node) => isUsable(node, tolerations.length === 0 ? [[]] : tolerations));
    if (usable.length === 0)
      return [
        {
          status: 'fail',
          message: `none of the ${all.length} nodes is a ready Linux node whose taints the pods tolerate`,
          hint: 'Give the chart tolerations, or add a node.',
        },
      ];
    const architectures = Object.entries(Object.groupBy(usable, (node) => factsOf(node).status?.nodeInfo?.architecture ?? 'unknown'));
    const counted = architectures.map(([name, group = []]) => `${group.length} ${name}`).join(', ');
    const lines: CheckLine[] = [{ status: 'ok', message: `${usable.length} of ${all.length} nodes can take the pods: ${counted}` }];
    const foreign = architectures.filter(([name]) => name !== 'amd64' && name !== 'arm64');
    if (foreign.length > 0)
      lines.push({ status: 'warn', message: `the public images are for amd64 and arm64, not ${foreign.map(([name]) => name).join(', ')}` });
    return lines;
  },
};

const factsOf = (node: KubernetesObject): NodeFacts => node as NodeFacts;

/** Whether each of the pods, by its tolerations, may run there. */
function isUsable(node: KubernetesObject, pods: readonly Toleration[][]): boolean {
  const { spec = {}, status = {} } = factsOf(node);
  const isReady = status.conditions?.some(({ type, status: state }) => type === 'Ready' && state === 'True') === true;
  // As the scheduler takes it, which may see a cordon before its taint.
  const cordon: Taint[] = spec.unschedulable === true ? [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] : [];
  const taints = [...(spec.taints ?? []), ...cordon].filter(({ effect }) => effect !== 'PreferNoSchedule');
  const isOpen = pods.every((tolerations) => taints.every((taint) => tolerations.some((each) => tolerates(each, taint))));
  return isReady && isOpen && status.nodeInfo?.operatingSystem === 'linux';
}

/** kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration */
function tolerates({ key = '', operator = 'Equal', value = '', effect = '' }: Toleration, taint: Taint): boolean {
  if (effect !== '' && effect !== taint.effect) return false;
  if (operator === 'Exists') return key === '' || key === taint.key;
  return operator === 'Equal' && key === taint.key && value === (taint.value ?? '');
}
