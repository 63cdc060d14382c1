// `sim cleanup`: takes away what earlier runs left, from their logs and from the cluster alone.
import { Command, Option } from 'commander';
import { fileRunLogs, stateFolder } from '../adapters/run-log.ts';
import { type CleanupTarget, cleanUp, leftBehind, objectsOf } from '../engine/cleanup.ts';
import type { Removal } from '../engine/events.ts';
import { ExitCode } from '../engine/exit-code.ts';
import { notOurs, runIdOf, runSelector } from '../engine/identity.ts';
import type { Cluster } from '../ports/cluster.ts';
import { Failure } from '../ports/failure.ts';
import type { LogLine, RunLogs } from '../ports/run-log.ts';
import { safe } from '../reporters/format.ts';
import { confirm } from './ask.ts';
import { addClusterOptions, type ClusterOptions, chooseCluster } from './cluster-options.ts';
import { guardsOf } from './guards.ts';
import type { Session } from './session.ts';
import { UsageError } from './usage-error.ts';

interface CleanupOptions extends ClusterOptions {
  run?: string;
  all?: true;
  yes?: true;
  output: 'text' | 'json';
}

const LIMIT = 120_000;

export function cleanupCommand(session: Session): Command {
  return addClusterOptions(new Command('cleanup'))
    .description('Remove what earlier runs left on a cluster: nothing that is not provably theirs')
    .addOption(new Option('--run <id>', 'the run to clean up after').conflicts('all'))
    .option('--all', 'every run that this cluster shows signs of, also those that still go on')
    .option('-y, --yes', 'do not ask')
    .addOption(new Option('-o, --output <format>', 'how it is told').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      '\nWithout --run and --all it lists the runs that are there.\n\nExit codes: 0 nothing is left, 2 usage, 3 could not run, 5 something is left.',
    )
    .action(async (options: CleanupOptions) => session.setExitCode(await cleanup(options, session)));
}

async function cleanup(options: CleanupOptions, session: Session): Promise<number> {
  const { cluster, explicit } = await chooseCluster(options, session.env);
  if (!session.interactive && (options.run || options.all) && !(options.yes && explicit))
    throw new UsageError('without a terminal, cleanup needs --yes and a cluster named by --context, --kubeconfig or --lab');
  const signal = AbortSignal.any([session.interrupt, AbortSignal.timeout(LIMIT)]);
  const logs = fileRunLogs(stateFolder(session.env));
  const onCluster = await runsOn(cluster, signal);
  const runs = options.run === undefined ? onCluster : [options.run];
  if (options.run === undefined && !options.all) {
    session.stdout(
      runs.length === 0
        ? 'no run has left anything here\n'
        : `runs with objects on ${cluster.context}: ${runs.join(', ')}\nremove them with --run ID or --all\n`,
    );
    return runs.length === 0 ? ExitCode.ok : ExitCode.leftBehind;
  }
  if (!options.yes && runs.length > 0 && !(await confirm(`Remove everything of ${runs.join(', ')} on ${cluster.context}?`, session)))
    return ExitCode.ok;

  const { identity } = await guardsOf(cluster, signal);
  const left: Removal[] = [];
  for (const runId of runs) {
    const target = await targetOf(runId, logs, identity, onCluster.includes(runId));
    const removals = await cleanUp({ cluster, now: Date.now, record: () => undefined }, target, signal);
    left.push(...leftBehind(removals));
    if (options.output === 'json') session.stdout(`${JSON.stringify({ run: runId, removals })}\n`);
    else session.stdout(`${runId}: ${told(removals)}\n`);
  }
  if (runs.length === 0 && options.output === 'text') session.stdout('no run has left anything here\n');
  return left.length === 0 ? ExitCode.ok : ExitCode.leftBehind;
}

/** Runs whose namespaces are on the cluster and provably theirs. */
async function runsOn(cluster: Cluster, signal: AbortSignal): Promise<string[]> {
  const namespaces = await cluster.list({ apiVersion: 'v1', kind: 'Namespace', labelSelector: runSelector() }, signal);
  return namespaces.flatMap((namespace) => {
    const id = runIdOf(namespace.metadata.name ?? '');
    return id !== undefined && notOurs(namespace, id) === undefined ? [id] : [];
  });
}

/** What the run's log says it made; without a log, whatever the cluster has of it. */
async function targetOf(runId: string, logs: RunLogs, identity: string, isOnCluster: boolean): Promise<CleanupTarget> {
  const events = await logs.read(runId).catch((error: unknown): LogLine[] | undefined => {
    if (error instanceof Failure && error.code === 'not-found') return undefined;
    throw error;
  });
  if (events === undefined) {
    if (isOnCluster) return { runId, objects: [] };
    throw new UsageError(`no run ${runId} is known: it has no log here, and nothing on this cluster`);
  }
  const started = events.find(({ type }) => type === 'run-started') as { cluster?: { identity: string; context: string } } | undefined;
  if (started?.cluster !== undefined && started.cluster.identity !== identity)
    throw new UsageError(`run ${runId} was on another cluster (context "${started.cluster.context}")`, 'choose it with --context');
  return { runId, objects: objectsOf(events) };
}

function told(removals: readonly Removal[]): string {
  const bad = leftBehind(removals).map(({ object, result, reason = '' }) => `${object.kind} ${object.name} ${result}: ${safe(reason)}`);
  if (bad.length > 0) return bad.join('; ');
  const deleted = removals.filter(({ result }) => result === 'deleted').length;
  return deleted === 0 ? 'nothing was left' : `${deleted} object${deleted === 1 ? '' : 's'} removed`;
}
