// `sim doctor`: whether playbooks could run on a cluster, and whether their alerts could come. Only reads, but for the canary.
import { Command, Option } from 'commander';
import { systemClock } from '../adapters/clock.ts';
import { localFiles } from '../adapters/files.ts';
import type { CheckContext } from '../doctor/check.ts';
import { type Examined, examine, lineOf } from '../doctor/examine.ts';
import { checks } from '../doctor/index.ts';
import { ExitCode } from '../engine/exit-code.ts';
import { namespaceOf } from '../engine/identity.ts';
import { type Plan, permissionsOf, planPlaybook } from '../engine/plan.ts';
import type { Charts } from '../ports/charts.ts';
import { Failure } from '../ports/failure.ts';
import { doctorText } from '../reporters/doctor-text.ts';
import { colours } from '../reporters/format.ts';
import { stepTypes } from '../steps/index.ts';
import { chartsOf } from './charts.ts';
import { addSourceOptions, chosenSources, makeSources, type SourceOptions, withLabSensor } from './chosen-sources.ts';
import { addClusterOptions, type ClusterOptions, chooseCluster } from './cluster-options.ts';
import { deadline } from './deadline.ts';
import { canaryFile, loadCatalogue } from './package-files.ts';
import { readingHere } from './playbook-reading.ts';
import { type ReadyPlaybook, readPlaybooks, withInputs } from './playbook-source.ts';
import { run } from './run.ts';
import type { Session } from './session.ts';
import { UsageError } from './usage-error.ts';

interface DoctorOptions extends ClusterOptions, SourceOptions {
  namespace?: string;
  canary?: true;
  yes?: true;
  allowProtected?: true;
  allowUnverified?: true;
  output: 'text' | 'json';
}

const LIMIT = 90_000;

export function doctorCommand(session: Session): Command {
  const command = new Command('doctor')
    .description('Check whether playbooks can run on a cluster and their alerts can come; changes nothing without --canary')
    .argument('[playbook...]', 'files or names; default: all that come with sim')
    .option('-n, --namespace <name>', 'ask about permissions and admission in this namespace, which must exist')
    .addOption(
      new Option('--canary', 'run one harmless program in a pod of its own, and wait for its alert in each alert source').conflicts(
        'namespace',
      ),
    )
    .option('-y, --yes', 'with --canary: do not ask')
    .option('--allow-protected', 'with --canary: also on a cluster that is marked as protected or looks like production')
    .option('--allow-unverified', 'with --canary: exit 0 also where a source cannot see it')
    .addOption(new Option('-o, --output <format>', 'how it is told').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      '\nEach line is ok, warn, fail or unknown, with what to do.\n\nExit codes: 0 nothing fails, 1 something does, 2 usage, 3 the cluster cannot be reached; with --canary those of sim run.',
    )
    .action(async (names: string[], options: DoctorOptions) =>
      session.setExitCode(await (options.canary ? canary : doctor)(names, options, session)),
    );
  return addClusterOptions(addSourceOptions(command));
}

/** Proves the whole way of an alert, from a program in a pod to each source, before an hour is spent on a run. */
async function canary(names: string[], options: DoctorOptions, session: Session): Promise<number> {
  if (names.length > 0) throw new UsageError('--canary runs a playbook of its own: name none');
  return await run([canaryFile], { ...options, parallel: 1, eachSource: true }, session);
}

async function doctor(names: string[], options: DoctorOptions, session: Session): Promise<number> {
  const signal = deadline(LIMIT, 'the checks', session.interrupt);
  const files = localFiles();
  const chosen = await chosenSources(options, session);
  const { cluster, lab } = await chooseCluster(options, session.env);
  const catalogue = await loadCatalogue(files);
  const charts = chartsOf(lab, session.env);
  const read = readingHere(files, catalogue, session);
  const ready = withInputs(await readPlaybooks({ names, all: names.length === 0 }, read), {}, lab?.images);
  const api = await Promise.all([cluster.version(signal), cluster.resources(signal)]).catch(unlessAborted(undefined, signal));
  const [version, resources] = api ?? [undefined, []];
  const planned = await planAll(ready, charts, version?.gitVersion, signal);
  const { namespace } = options;
  const readSources =
    lab === undefined ? chosen : await withLabSensor(chosen, options, cluster, signal).catch(unlessAborted(chosen, signal));
  const context: CheckContext = {
    cluster,
    charts,
    clock: systemClock(),
    resources,
    sources: makeSources(readSources, session, cluster).sources,
    signal,
    ...(namespace === undefined ? {} : { namespace }),
  };
  if ('plan' in planned) context.plan = { objects: planned.plan.objects, permissions: permissionsOf(planned.plan, resources) };
  const examined = [...(await examine(checks, context)), ...('problem' in planned ? [planned.problem] : [])];
  if (options.output === 'json') session.stdout(`${JSON.stringify({ version: 1, checks: examined }, null, 2)}\n`);
  else session.stdout(doctorText(examined, colours(session.colour)));
  if (api === undefined) return ExitCode.couldNotRun;
  return examined.some(({ lines }) => lines.some(({ status }) => status === 'fail')) ? ExitCode.missed : ExitCode.ok;
}

/** A cluster that cannot be reached is told by its own check. */
const unlessAborted =
  <T>(value: T, signal: AbortSignal) =>
  (error: unknown): T => {
    if (error instanceof Failure && !signal.aborted) return value;
    throw error;
  };

/** The plans of all playbooks as one, or the line that says why there is none. */
async function planAll(
  ready: readonly ReadyPlaybook[],
  charts: Charts,
  gitVersion: string | undefined,
  signal: AbortSignal,
): Promise<{ plan: Plan } | { problem: Examined }> {
  const run = { id: 'doctor', namespace: namespaceOf('doctor'), marker: 'sim-doctor', token: '0'.repeat(32), playbook: 'doctor' };
  const kubeVersion = gitVersion === undefined ? {} : { kubeVersion: gitVersion.replace(/^v/, '') };
  try {
    const plans = await Promise.all(
      ready.map(({ playbook, inputs, folder }) =>
        planPlaybook(playbook, inputs, { run, folder, charts, files: localFiles(), ...kubeVersion, signal }, stepTypes),
      ),
    );
    return {
      plan: {
        objects: plans.flatMap(({ objects }) => objects),
        images: plans.flatMap(({ images }) => images),
        steps: plans.flatMap(({ steps }) => steps),
        permissions: plans.flatMap(({ permissions }) => permissions),
        expectations: plans.flatMap(({ expectations }) => expectations),
        outside: plans.flatMap(({ outside }) => outside),
        targets: plans.flatMap(({ targets }) => targets),
      },
    };
  } catch (error) {
    if (!(error instanceof Failure) || signal.aborted) throw error;
    return { problem: { id: 'plan', title: 'Plan', lines: [lineOf(error)] } };
  }
}
