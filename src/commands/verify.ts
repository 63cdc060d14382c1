// `sim verify`: the verdict on a run's alerts after the run, from any shell that has its log. Products may take an hour.
import { Command, Option } from 'commander';
import { systemClock } from '../adapters/clock.ts';
import { localFiles } from '../adapters/files.ts';
import { fileRunLogs, stateFolder } from '../adapters/run-log.ts';
import { judgeBy } from '../alerts/judge.ts';
import { EVENTS_VERSION, type Observer } from '../engine/events.ts';
import { exitCodeOf } from '../engine/exit-code.ts';
import { evidenceKeeper } from '../engine/keep-evidence.ts';
import { type EndedRun, endedRun, otherRuns, settleLater } from '../engine/later.ts';
import { lookIntoMisses } from '../engine/look-into.ts';
import { redactor } from '../engine/redact.ts';
import { hintFor } from '../language/suggest.ts';
import { Failure } from '../ports/failure.ts';
import type { LogLine, RunLogs } from '../ports/run-log.ts';
import { eventsJson } from '../reporters/events-json.ts';
import { colours, safe } from '../reporters/format.ts';
import { linesReporter } from '../reporters/lines.ts';
import { sourceMatrix } from '../reporters/source-matrix.ts';
import { addSourceOptions, chosenSources, makeSources, type SourceOptions, withLabSensor } from './chosen-sources.ts';
import { addClusterOptions, type ClusterOptions, chooseCluster } from './cluster-options.ts';
import { guardsOf } from './guards.ts';
import { loadCatalogue } from './package-files.ts';
import type { Session } from './session.ts';
import { UsageError } from './usage-error.ts';

interface VerifyOptions extends ClusterOptions, SourceOptions {
  allowUnverified?: true;
  output: 'text' | 'json';
}

export function verifyCommand(session: Session): Command {
  const command = new Command('verify')
    .description('Say which expected alerts of an earlier run have come, waiting until their windows end')
    .argument('<run>', 'id of the run, as `sim run --detach` printed it')
    .option('--allow-unverified', 'exit 0 also where alerts are unverified or attacks were not executed')
    .addOption(new Option('-o, --output <format>', 'how it is told').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
Reads the run's log (SIM_STATE, else ~/.local/state/kubesim) and asks the alert sources; the cluster is only asked where a source lives in it.

Exit codes: 0 all detected or prevented, 1 missed or unexpected, 2 usage, 3 could not be read, 4 unverified or not executed.`,
    )
    .action(async (run: string, options: VerifyOptions) => session.setExitCode(await verify(run, options, session)));
  return addClusterOptions(addSourceOptions(command));
}

async function verify(id: string, options: VerifyOptions, session: Session): Promise<number> {
  const logs = fileRunLogs(stateFolder(session.env));
  const run = await readRun(id, logs);
  const chosen = await chosenSources(options, session);
  const catalogue = await loadCatalogue(localFiles());
  const { cluster, lab } = await chooseCluster(options, session.env);
  const { identity } = await guardsOf(cluster, session.interrupt);
  if (identity !== run.clusterIdentity)
    throw new UsageError(`run ${id} was on another cluster (context "${run.context}")`, { hint: 'choose it with --context' });

  const read = lab === undefined ? chosen : await withLabSensor(chosen, options, cluster, session.interrupt);
  if (read.length === 0)
    throw new UsageError('there is no alert source to ask', {
      hint: 'name some in the configuration; `sim alerts list` shows those that are there',
    });
  const clock = systemClock();
  const paint = colours(session.colour);
  const log = await logs.reopen(id);
  const tell: Observer =
    options.output === 'json' ? eventsJson(id, session.stdout) : linesReporter({ write: session.stdout, catalogue, paint, verbose: false });
  const record: Observer = (event) => {
    void log.append(event as unknown as LogLine).catch(() => undefined);
    tell(event);
  };
  try {
    if (options.output === 'text') session.stdout(`${paint.bold(safe(run.title))} ${paint.dim(`run ${id}`)}\n`);
    const others = await othersOf(run, logs);
    const made = makeSources(read, session, cluster);
    const around = { ...made, cluster, clock, log, record, redact: redactor([]), signal: session.interrupt };
    const { keep } = evidenceKeeper(around, run.kept);
    const misses = { lookInto: lookIntoMisses(around), keepEvidence: keep };
    const world = { sources: made.sources, judge: judgeBy(catalogue), clock, record, others: () => others, ...misses };
    const settled = await settleLater(run, world, session.interrupt);
    if (session.interrupt.aborted) throw new Failure('interrupted', 'it was interrupted, and nothing is decided');
    record({ type: 'verdict-reached', at: clock.now(), ...settled });
    if (options.output === 'text') session.stdout(sourceMatrix([{ title: run.title, verdicts: settled.verdicts }], catalogue, paint));
    return exitCodeOf({
      interrupted: false,
      leftBehind: false,
      couldNotRun: false,
      verdicts: settled.verdicts,
      steps: run.steps,
      allowUnverified: options.allowUnverified === true,
    });
  } finally {
    await log.close();
  }
}

async function readRun(id: string, logs: RunLogs): Promise<EndedRun> {
  let lines: LogLine[];
  try {
    lines = await logs.read(id);
  } catch (error) {
    if (!(error instanceof Failure && error.code === 'not-found')) throw error;
    const hint = hintFor(id, (await logs.list()).slice(0, 20), 'there are');
    throw new UsageError(`no run ${id} is known here`, hint === undefined ? {} : { hint });
  }
  const run = endedRun(id, lines);
  if (run.unusable !== undefined) throw new UsageError(`nothing can be said of run ${id}: ${run.unusable}`);
  return run;
}

/** Runs on the same cluster whose alerts could be taken for this one's. */
async function othersOf(run: EndedRun, logs: RunLogs): Promise<ReturnType<typeof otherRuns>> {
  const found: EndedRun[] = [];
  for (const id of await logs.list()) {
    if (id === run.id) continue;
    try {
      const lines = await logs.read(id);
      const started = lines.find(({ type }) => type === 'run-started');
      if (started?.version === EVENTS_VERSION) found.push(endedRun(id, lines));
    } catch (error) {
      // A log that cannot be read says nothing of its run.
      if (!(error instanceof Failure)) throw error;
    }
  }
  return otherRuns(run, found);
}
