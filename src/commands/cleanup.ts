// `sim cleanup`: takes away what earlier runs left, from their logs and from the cluster alone.
import { Command, Option } from 'commander';
import { fileRunLogs, stateFolder } from '../adapters/run-log.ts';
import { type CleanupTarget, cleanUp, leftBehind, objectsOf } from '../engine/cleanup.ts';
import { EVENTS_VERSION, type Removal } from '../engine/events.ts';
import { ExitCode, gravest } from '../engine/exit-code.ts';
import { namespaceOf, notOurs, runIdOf, runSelector } from '../engine/identity.ts';
import { findOutside } from '../engine/outside.ts';
import type { Cluster } from '../ports/cluster.ts';
import { Failure } from '../ports/failure.ts';
import type { RunLogs } from '../ports/run-log.ts';
import { safe } from '../reporters/format.ts';
import { confirm } from './ask.ts';
import { addClusterOptions, type ClusterOptions, chooseCluster, namesCluster } from './cluster-options.ts';
import { deadline } from './deadline.ts';
import { guardsOf } from './guards.ts';
import type { Session } from './session.ts';
import { UsageError } from './usage-error.ts';

interface CleanupOptions extends ClusterOptions {
  run?: string;
  namespace?: string;
  all?: true;
  selector?: string;
  yes?: true;
  output: 'text' | 'json';
}

/** For one run, milliseconds. */
const LIMIT = 120_000;

export function cleanupCommand(session: Session): Command {
  const command = new Command('cleanup')
    .description('Remove what earlier runs left on a cluster: nothing that is not provably theirs')
    .addOption(new Option('--run <id>', 'the run to clean up after').conflicts(['all', 'namespace']))
    .addOption(new Option('-n, --namespace <name>', 'the same, by the namespace of the run (sim-<id>)').conflicts('all'))
    .option('--all', 'every run that this cluster shows signs of, also those that still go on')
    .option('-l, --selector <labels>', 'only runs with these labels, e.g. app.kubernetes.io/part-of=reconnaissance')
    .option('-y, --yes', 'do not ask')
    .addOption(new Option('-o, --output <format>', 'how it is told').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
Without --run, -n and --all it lists the runs that are there.

Exit codes: 0 nothing is left, 2 usage, 3 could not run, 5 something is left.`,
    )
    .action(async (options: CleanupOptions) => session.setExitCode(await cleanup(options, session)));
  return addClusterOptions(command);
}

async function cleanup(options: CleanupOptions, session: Session): Promise<number> {
  const { cluster } = await chooseCluster(options, session.env);
  const named = options.run ?? runOf(options.namespace);
  if (!session.interactive && (named || options.all) && !(options.yes && namesCluster(options)))
    throw new UsageError('without a terminal, cleanup needs --yes and a cluster named by --context, --kubeconfig or --lab');
  const look = deadline(LIMIT, 'looking for runs', session.interrupt);
  const { runs, hidden } = named === undefined ? await runsOn(cluster, options.selector, look) : { runs: [named], hidden: [] };
  tellHidden(hidden, session);
  const tell = (text: string, data: unknown) => session.stdout(options.output === 'json' ? `${JSON.stringify(data)}\n` : text);
  if (runs.length === 0) {
    tell('no run has left anything here\n', { runs });
    return ExitCode.ok;
  }
  if (named === undefined && !options.all) {
    tell(`runs with objects on ${cluster.context}: ${runs.join(', ')}\nremove them with --run ID or --all\n`, { runs });
    return ExitCode.leftBehind;
  }
  if (!options.yes && !(await confirm(`Remove everything of ${runs.join(', ')} on ${cluster.context}?`, session))) {
    session.stderr('nothing was done\n');
    return ExitCode.leftBehind;
  }
  const { identity } = await guardsOf(cluster, look);
  const logs = fileRunLogs(stateFolder(session.env));
  const codes: number[] = [];
  for (const runId of runs) {
    const signal = deadline(LIMIT, `cleaning up after ${runId}`, session.interrupt);
    try {
      const target = await targetOf(runId, logs, { cluster, identity, session, signal });
      const removals = await cleanUp({ cluster, now: Date.now, record: () => undefined }, target, signal);
      tell(`${runId}: ${told(removals)}\n`, { run: runId, removals });
      codes.push(leftBehind(removals).length === 0 ? ExitCode.ok : ExitCode.leftBehind);
    } catch (error) {
      // One run that cannot be cleaned up keeps nobody from the others.
      if (runs.length === 1 || session.interrupt.aborted) throw error;
      session.stderr(`sim: ${safe(error instanceof Error ? error.message : String(error))}\n`);
      codes.push(ExitCode.leftBehind);
    }
  }
  return gravest(codes);
}

function runOf(namespace: string | undefined): string | undefined {
  if (namespace === undefined) return undefined;
  const id = runIdOf(namespace);
  if (id === undefined) throw new UsageError(`${namespace} is no namespace of a run: those are called sim-<id>`);
  return id;
}

/** Runs whose namespaces, or other objects outside of these, are on the cluster and provably theirs. */
async function runsOn(
  cluster: Cluster,
  selector: string | undefined,
  signal: AbortSignal,
): Promise<{ runs: string[]; hidden: readonly string[] }> {
  const labelSelector = [runSelector(), ...(selector === undefined ? [] : [selector])].join(',');
  const [namespaces, outside] = await Promise.all([
    cluster.list({ apiVersion: 'v1', kind: 'Namespace', labelSelector }, signal),
    findOutside(cluster, labelSelector, signal),
  ]);
  const own = namespaces.flatMap((namespace) => {
    const id = runIdOf(namespace.metadata.name ?? '');
    return id !== undefined && notOurs(namespace, id) === undefined ? [id] : [];
  });
  return { runs: [...new Set([...own, ...outside.runs.keys()])], hidden: outside.hidden };
}

function tellHidden(hidden: readonly string[], session: Session): void {
  if (hidden.length > 0)
    session.stderr(`sim: ${hidden.join(', ')} may not be listed: whether runs left any outside of their namespaces is not known\n`);
}

/** What the run's log says it made; without a log that can be read, whatever the cluster has of it. */
async function targetOf(
  runId: string,
  logs: RunLogs,
  { cluster, identity, session, signal }: { cluster: Cluster; identity: string; session: Session; signal: AbortSignal },
): Promise<CleanupTarget> {
  try {
    const events = await logs.read(runId);
    const started = events.find(({ type }) => type === 'run-started') as
      | { version: number; cluster: { identity: string; context: string } }
      | undefined;
    if (started?.version === EVENTS_VERSION) {
      if (started.cluster.identity === identity) return { runId, objects: objectsOf(events) };
      throw new UsageError(`run ${runId} was on another cluster (context "${started.cluster.context}")`, {
        hint: 'choose it with --context',
      });
    }
  } catch (error) {
    if (!(error instanceof Failure && ['not-found', 'storage'].includes(error.code))) throw error;
  }
  const [namespace, outside] = await Promise.all([
    cluster.get({ apiVersion: 'v1', kind: 'Namespace', name: namespaceOf(runId) }, signal),
    findOutside(cluster, runSelector(runId), signal),
  ]);
  tellHidden(outside.hidden, session);
  const objects = outside.runs.get(runId) ?? [];
  if (objects.length > 0 || (namespace !== undefined && notOurs(namespace, runId) === undefined)) return { runId, objects };
  throw new UsageError(`no run ${runId} is known: it has no log here, and nothing on this cluster is provably its own`);
}

function told(removals: readonly Removal[]): string {
  const bad = leftBehind(removals).map(({ object, result, reason = '' }) => `${object.kind} ${object.name} ${result}: ${reason}`);
  if (bad.length > 0) return safe(bad.join('; '));
  const deleted = removals.filter(({ result }) => result === 'deleted').length;
  return deleted === 0 ? 'nothing was left' : `${deleted} object${deleted === 1 ? '' : 's'} removed`;
}
