// Nodes that the simulation's pods can run on.
import type { KubernetesObject } from '../ports/cluster.ts';
import type { Check, CheckLine } from './check.ts';

interface NodeFacts {
  spec?: { unschedulable?: boolean; taints?: { key: string; effect: string }[] };
  status?: { conditions?: { type: string; status: string }[]; nodeInfo?: { architecture: string; operatingSystem: string } };
}

export const nodes: Check = {
  id: 'nodes',
  title: 'Nodes',
  async run({ cluster, signal }) {
    const all = await cluster.list({ apiVersion: 'v1', kind: 'Node' }, signal);
    const usable = all.filter(isUsable);
    if (usable.length === 0)
      return [
        {
          status: 'fail',
          message: `none of the ${all.length} nodes is a ready Linux node without taints`,
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

function isUsable(node: KubernetesObject): boolean {
  const { spec = {}, status = {} } = factsOf(node);
  const isReady = status.conditions?.some(({ type, status: state }) => type === 'Ready' && state === 'True') === true;
  const isTainted = spec.taints?.some(({ effect }) => effect !== 'PreferNoSchedule') === true;
  return isReady && !isTainted && spec.unschedulable !== true && status.nodeInfo?.operatingSystem === 'linux';
}
