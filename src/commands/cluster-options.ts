// Which cluster a command works on: --kubeconfig and --context, then --lab, then KUBECONFIG.
import { type Command, Option } from 'commander';
import { localFiles } from '../adapters/files.ts';
import type { LabRecord } from '../lab/driver.ts';
import { labFacts } from '../lab/facts.ts';
import type { Cluster } from '../ports/cluster.ts';

export interface ClusterOptions {
  kubeconfig?: string;
  context?: string;
  lab?: true;
}

export interface ChosenCluster {
  cluster: Cluster;
  /** Where the cluster is the lab: its helm and its images. */
  lab?: LabRecord;
}

export function addClusterOptions(command: Command): Command {
  return command
    .addOption(new Option('--kubeconfig <file>', 'kubeconfig of the cluster (default: KUBECONFIG, else ~/.kube/config)').conflicts('lab'))
    .addOption(new Option('--context <name>', 'context in the kubeconfig (default: its current one)').conflicts('lab'))
    .addOption(new Option('--lab', 'use the disposable lab cluster (sim lab up)'));
}

/** Whether flags of the command name the cluster, and not just the environment. */
export const namesCluster = ({ kubeconfig, context, lab }: ClusterOptions): boolean =>
  lab === true || kubeconfig !== undefined || context !== undefined;

/** Reads the kubeconfig; makes no connection yet. Throws Failure configuration (no kubeconfig, unknown context, no lab). */
export async function chooseCluster(
  { kubeconfig, context, lab }: ClusterOptions,
  env: Record<string, string | undefined>,
): Promise<ChosenCluster> {
  // Loaded only here: the client takes longer to load than most commands take to run.
  const { connectCluster } = await import('../adapters/kubernetes/connect.ts');
  const facts = lab ? await labFacts(localFiles(), env) : undefined;
  const cluster = await connectCluster({ kubeconfig: facts?.kubeconfig ?? kubeconfig, context, env });
  return {
    cluster,
    ...(facts === undefined ? {} : { lab: facts }),
  };
}
