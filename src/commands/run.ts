// `sim run`: playbooks on a cluster, to their verdict and until nothing of them is left.
import { randomBytes } from 'node:crypto';
import { Command, InvalidArgumentError, Option } from 'commander';
import { announcementUrl } from '../adapters/announcements.ts';
import { localFiles } from '../adapters/files.ts';
import { fileRunLogs, stateFolder } from '../adapters/run-log.ts';
import { judgeBy } from '../alerts/judge.ts';
import { ExitCode, gravest } from '../engine/exit-code.ts';
import { namespaceOf } from '../engine/identity.ts';
import { planPlaybook, planRefusals } from '../engine/plan.ts';
import { redactor } from '../engine/redact.ts';
import type { AlertSource } from '../ports/alerts.ts';
import { Failure } from '../ports/failure.ts';
import { canaryText } from '../reporters/canary-text.ts';
import { colours, safe } from '../reporters/format.ts';
import { planText } from '../reporters/plan-text.ts';
import { sourceMatrix } from '../reporters/source-matrix.ts';
import { type RunSummary, summaryText } from '../reporters/summary.ts';
import { stepTypes } from '../steps/index.ts';
import type { PlanContext, RunFacts } from '../steps/step.ts';
import { chooseSome, confirm } from './ask.ts';
import { chartsOf } from './charts.ts';
import { addSourceOptions, chosenSources, makeSources, type SourceOptions, withLabSensor } from './chosen-sources.ts';
import { addClusterOptions, chooseCluster, namesCluster } from './cluster-options.ts';
import { givenInputs, type InputOptions } from './given-inputs.ts';
import { guardsOf, refuseRisk, refuseTargets, usedAllowances } from './guards.ts';
import { loadCatalogue, playbookNames } from './package-files.ts';
import { readingHere } from './playbook-reading.ts';
import { type ReadyPlaybook, readPlaybooks, withInputs } from './playbook-source.ts';
import { recorderTo, refuseRecording } from './record-run.ts';
import { type Prepared, type RunOneOptions, type RunSurroundings, runOne } from './run-one.ts';
import type { Session } from './session.ts';
import { UsageError } from './usage-error.ts';

/** Options of `sim run`; `sim doctor --canary` runs its playbook with the same. */
export interface RunOptions extends RunOneOptions, InputOptions, SourceOptions {
  all?: true;
  lintConfig?: string;
  yes?: true;
  allowProtected?: true;
  allowRisk?: 'high';
  allowTarget?: string[];
  parallel: number;
  record?: string;
}

export function runCommand(session: Session): Command {
  const collect = (value: string, before: string[] = []) => [...before, value];
  const collectName = (value: string, before: string[] = []) => {
    if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(value)) throw new InvalidArgumentError('It must be the name of one namespace.');
    return [...before, value];
  };
  const count = (value: string) => {
    if (!/^[1-9]\d?$/.test(value)) throw new InvalidArgumentError('It must be a number from 1 to 99.');
    return Number(value);
  };
  const asAnnouncementUrl = (value: string) => {
    try {
      announcementUrl(value);
    } catch (error) {
      throw new InvalidArgumentError(`${(error as Error).message}.`);
    }
    return value;
  };
  const command = new Command('run')
    .description('Run attack playbooks on a cluster, say which expected alerts came, and leave nothing behind')
    .argument('[playbook...]', 'files, or names of the playbooks that come with sim')
    .option('--all', 'run every playbook that comes with sim')
    .option('--set <name=value>', 'give an input its value (repeatable)', collect)
    .option('--values <file>', 'take inputs from a YAML file (repeatable); else SIM_INPUT_<NAME> of the environment counts', collect)
    .option('--lint-config <file>', 'the configuration of sim lint that holds, in place of the .sim-lint.yaml of the checkout')
    .option('-y, --yes', 'do not ask')
    .option('--keep', 'leave everything on the cluster; sim cleanup removes it later')
    .option('--keep-until-alerts', 'clean up only when every expected alert is settled')
    .addOption(
      new Option('--detach', 'end after the cleanup, and leave the alerts to `sim verify`, which waits for them later').conflicts([
        'keepUntilAlerts',
        'closeAlerts',
      ]),
    )
    .option('--announce <url>', 'tell this address (POST, JSON) of each run before it begins and when it has ended', asAnnouncementUrl)
    .option('--close-alerts', 'resolve the alerts that were expected and came, in products that can, with a comment')
    .option('--allow-unverified', 'exit 0 also where alerts are unverified or attacks were not executed')
    .option('--allow-protected', 'run on a cluster that is marked as protected or looks like production; the log records it')
    .addOption(new Option('--allow-risk <level>', 'run playbooks with `risk: high`, too; the log records it').choices(['high']))
    .option(
      '--allow-target <namespace>',
      'let playbooks attack pods of this namespace that exist already (repeatable; recorded)',
      collectName,
    )
    .option('--record <file>', 'save what the sensor observes of one playbook in a new file, for `sim detect`')
    .option('--parallel <n>', 'how many playbooks run at once', count, 1)
    .option('-v, --verbose', 'show what the steps print')
    .addOption(new Option('-o, --output <format>', 'how the run is told').choices(['text', 'json']).default('text'))
    .addOption(new Option('--json', 'same as -o json: one event a line on standard output').implies({ output: 'json' }))
    .addHelpText(
      'after',
      `
Examples:
  sim run reconnaissance --lab              a shipped playbook, on the lab
  sim run playbooks/web-shell.yaml -v       a file, on the current context
  sim run --all --context staging --yes     everything, without a question

Exit codes: 0 all detected or prevented, 1 missed or unexpected, 2 usage or invalid playbook, 3 could not run,
4 unverified or not executed, 5 something was left behind, 130 interrupted and cleaned up.`,
    )
    .action(async (names: string[], options: RunOptions) => session.setExitCode(await run(names, options, session)));
  return addClusterOptions(addSourceOptions(command));
}

/** Runs playbooks to their verdicts; returns the exit code. */
export async function run(typed: readonly string[], options: RunOptions, session: Session): Promise<number> {
  const files = localFiles();
  const paint = colours(session.colour);
  const catalogue = await loadCatalogue(files);
  const names = await namesOf(typed, options, session);
  const playbooks = await readPlaybooks(
    { names, all: options.all === true },
    {
      ...readingHere(files, catalogue, session),
      ...(options.lintConfig === undefined ? {} : { lintConfig: options.lintConfig }),
    },
  );
  const inputNames = new Set(playbooks.flatMap(({ inputs }) => Object.keys(inputs)));
  const given = await givenInputs(options, inputNames, { files, env: session.env, colour: session.colour });
  // A mistake in a playbook or an input is told before any cluster is looked for.
  withInputs(playbooks, given);
  refuseRisk(playbooks, options);
  await refuseRecording(options.record, playbooks.length);
  const chosen = await chosenSources(options, session);
  if (!session.interactive && !(options.yes && namesCluster(options)))
    throw new UsageError('without a terminal, a run needs --yes and a cluster named by --context, --kubeconfig or --lab');

  const { cluster, lab } = await chooseCluster(options, session.env);
  const ready = withInputs(playbooks, given, lab?.images);
  const signal = session.interrupt;
  const [{ gitVersion }, guarded, resources] = await Promise.all([
    cluster.version(signal),
    guardsOf(cluster, signal),
    cluster.resources(signal),
  ]);
  if (guarded.reasons.length > 0 && !options.allowProtected)
    throw new UsageError(`refusing to attack this cluster: ${guarded.reasons.join('; ')}`, {
      hint: 'where that is meant, say --allow-protected',
    });
  const doubts = guarded.doubt === undefined ? [] : [guarded.doubt];
  const overrides = [...guarded.reasons.map((reason) => `--allow-protected: ${reason}`), ...doubts];

  const charts = chartsOf(lab, session.env);
  const planContext = { charts, files, kubeVersion: gitVersion.replace(/^v/, ''), signal };
  const prepared = await Promise.all(ready.map((each) => prepare(each, planContext)));
  refuseTargets(prepared, options);
  const refused = prepared.flatMap((each) => planRefusals(each.plan, each.playbook, each.run.namespace, resources));
  if (refused.length > 0) throw new UsageError(`a run may not create this: ${refused.join('; ')}`);

  const read = lab === undefined ? chosen : await withLabSensor(chosen, options, cluster, signal);
  if (options.eachSource && read.length === 0)
    throw new UsageError('there is no alert source to prove', {
      hint: 'name some in the configuration; `sim alerts list` shows those that are there',
    });
  const recorder = recorderTo(options.record, read, prepared);
  const sources = () => makeSources(read, session, cluster, recorder?.observed);
  if (options.output === 'text') {
    session.stdout(`${paint.dim('cluster ')}  ${cluster.context} (${cluster.server}, ${gitVersion})\n`);
    for (const each of prepared) session.stdout(planText(each.playbook, each.plan, each.run.namespace, catalogue, paint));
    session.stdout(`${paint.dim('alerts  ')}  ${sourcesText(sources().sources)}\n`);
    for (const override of new Set([...overrides, ...prepared.flatMap(({ allowed }) => allowed)]))
      session.stdout(`${paint.yellow('note    ')}  ${safe(override)}\n`);
  }
  const targets = [...new Set(prepared.flatMap(({ plan }) => plan.targets))];
  const attacking = targets.length === 0 ? '' : `, and attack pods of ${targets.join(', ')} that exist already`;
  const question = `Run ${prepared.length === 1 ? 'this' : `these ${prepared.length}`} on ${cluster.context}${attacking}?`;
  if (!options.yes && !(await confirm(question, session))) {
    session.stderr('nothing was done\n');
    return ExitCode.ok;
  }
  await recorder?.begin();
  const around: RunSurroundings = {
    session,
    options,
    catalogue,
    paint,
    logs: fileRunLogs(stateFolder(session.env)),
    overrides,
    several: prepared.length > 1 && options.parallel > 1,
    sources,
    world: {
      cluster,
      clusterVersion: gitVersion,
      clusterIdentity: guarded.identity,
      charts,
      files,
      steps: stepTypes,
      judge: judgeBy(catalogue),
      runs: new Set(),
    },
  };
  try {
    return await runAll(prepared, options, around);
  } finally {
    await recorder?.end();
  }
}

const sourcesText = (sources: readonly AlertSource[]): string =>
  sources.length === 0
    ? 'no source is read: what is expected stays unverified'
    : `read from ${sources.map(({ name, product }) => safe(name === product ? name : `${name} (${product})`)).join(', ')}`;

/** The names typed, or chosen from a menu. */
async function namesOf(typed: readonly string[], { all }: RunOptions, session: Session): Promise<readonly string[]> {
  if (typed.length > 0 && all) throw new UsageError('name playbooks or say --all, not both');
  if (typed.length > 0 || all) return typed;
  const shipped = await playbookNames(localFiles());
  if (!session.interactive) throw new UsageError('name a playbook, or say --all', { hint: `there are: ${shipped.join(', ')}` });
  return await chooseSome('Which playbooks?', shipped, session);
}

async function prepare(ready: ReadyPlaybook, context: Omit<PlanContext, 'run' | 'folder'>): Promise<Prepared> {
  // 40 bits in Crockford's letters: short enough to read, and no two runs of a cluster meet.
  const id = [...randomBytes(8)].map((byte) => '0123456789abcdefghjkmnpqrstvwxyz'[byte % 32]).join('');
  const token = randomBytes(16).toString('hex');
  const run: RunFacts = { id, namespace: namespaceOf(id), marker: `sim-${id}`, token, playbook: ready.playbook.metadata.name };
  try {
    const plan = await planPlaybook(ready.playbook, ready.inputs, { ...context, run, folder: ready.folder }, stepTypes);
    return { ...ready, run, plan, allowed: usedAllowances(ready.playbook, plan) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    // What helm says may hold the values that it was given.
    const { text, value } = redactor([token, ...ready.secrets]);
    const { hint } = error.details;
    throw new Failure(error.code, text(`${ready.playbook.file}: ${error.message}`), hint === undefined ? {} : { hint: value(hint) });
  }
}

/** Runs them in their order, so many at a time; after an interruption no further one begins. */
async function runAll(prepared: readonly Prepared[], { parallel }: RunOptions, around: RunSurroundings): Promise<number> {
  const { session, options, paint } = around;
  const summaries: RunSummary[] = [];
  const advice: string[] = [];
  const waiting = [...prepared];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined && !session.interrupt.aborted; next = waiting.shift()) {
      const { playbook, run } = next;
      try {
        const done = await runOne(next, around);
        summaries.push(done.summary);
        advice.push(...done.advice);
      } catch (error) {
        // The others go on to their own ends.
        session.stderr(`sim: ${playbook.metadata.name}: ${safe(error instanceof Error ? error.message : String(error))}\n`);
        summaries.push({
          title: playbook.metadata.title,
          runId: run.id,
          milliseconds: 0,
          exitCode: ExitCode.couldNotRun,
          verdicts: [],
          unexpected: 0,
        });
      }
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  if (options.output === 'text') {
    session.stdout(`\n${paint.bold('Summary')}\n${summaryText(summaries, paint)}`);
    const matrix = options.eachSource
      ? canaryText(
          summaries.flatMap(({ verdicts }) => verdicts),
          paint,
        )
      : sourceMatrix(summaries, around.catalogue, paint);
    if (matrix !== '') session.stdout(`\n${matrix}`);
    if (advice.length > 0) session.stdout(`\n${advice.join('\n')}`);
  }
  return gravest([...summaries.map(({ exitCode }) => exitCode), ...(session.interrupt.aborted ? [ExitCode.interrupted] : [])]);
}
