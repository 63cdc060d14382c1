// `sim alerts`: the alert sources of the operator's configuration, whether they work, and what they tell.
import { Command, InvalidArgumentError, Option } from 'commander';
import { ExitCode } from '../engine/exit-code.ts';
import { parseDuration } from '../language/duration.ts';
import { hintFor } from '../language/suggest.ts';
import type { AlertSource, SourceCheck } from '../ports/alerts.ts';
import { Failure } from '../ports/failure.ts';
import { alertLine, checkLine, sourceLine } from '../reporters/alert-lines.ts';
import { colours } from '../reporters/format.ts';
import { listText } from '../reporters/list-text.ts';
import { labSensor } from './chosen-sources.ts';
import { addClusterOptions, type ClusterOptions, chooseCluster } from './cluster-options.ts';
import { type Configuration, configurationFile, readConfiguration } from './configuration.ts';
import { deadline } from './deadline.ts';
import type { Session } from './session.ts';
import { sourceWorld } from './source-world.ts';
import { UsageError } from './usage-error.ts';

interface AlertsOptions extends ClusterOptions {
  config?: string;
  output: 'text' | 'json';
}

interface TailOptions extends AlertsOptions {
  since?: number;
  follow: boolean;
}

const CHECK_LIMIT = 90_000;

export function alertsCommand(session: Session): Command {
  const verb = (name: string, description: string): Command =>
    new Command(name)
      .description(description)
      .option('--config <file>', 'the configuration (default: SIM_CONFIG, else ~/.config/kubesim/config.yaml)')
      .addOption(new Option('-o, --output <format>', 'how it is told').choices(['text', 'json']).default('text'));
  const list = verb('list', 'List the configured alert sources').action(async (options: AlertsOptions) =>
    session.setExitCode(await listSources(options, session)),
  );
  const check = addClusterOptions(verb('check', 'Say whether alert sources can be reached and read, without a run'))
    .argument('[source...]', 'names of sources (default: all)')
    .addHelpText('after', '\nExit codes: 0 nothing fails, 1 something does, 2 usage or configuration.')
    .action(async (names: string[], options: AlertsOptions) => session.setExitCode(await checkSources(names, options, session)));
  const tail = addClusterOptions(verb('tail', "Show a source's alerts as they come, with the type by which a playbook can name them"))
    .argument('<source>', 'name of the source')
    .option('--since <duration>', 'also those of the last time, such as 1h', asDuration)
    .option('--no-follow', 'end when all that is there has been told')
    .addHelpText('after', '\nEnds with Ctrl-C. Exit codes: 0 ended, 2 usage or configuration, 3 the source cannot be read.')
    .action(async (name: string, options: TailOptions) => session.setExitCode(await tailSource(name, options, session)));
  return new Command('alerts')
    .description('The products that raise alerts: what is configured, whether it works, and what they tell')
    .addCommand(list)
    .addCommand(check)
    .addCommand(tail);
}

const asDuration = (text: string): number => {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined) throw new InvalidArgumentError('It must be a duration, such as 90s or 1h.');
  return milliseconds;
};

/** With --lab its sensor is there without being configured, as in a run. */
async function read({ config, lab }: AlertsOptions, { env, errorColour }: Session): Promise<Configuration> {
  const configuration = await readConfiguration(config, { env, colour: errorColour });
  const { alertSources } = configuration;
  const isThere = alertSources.some(({ type, settings }) => type === labSensor.type || settings.name === labSensor.settings.name);
  return lab && !isThere ? { ...configuration, alertSources: [...alertSources, labSensor] } : configuration;
}

async function listSources(options: AlertsOptions, session: Session): Promise<number> {
  const { file, alertSources } = await read(options, session);
  const sources = alertSources.map(({ type, settings }) => {
    // Nothing is opened: the world is asked for nothing but durations.
    const { product, capabilities, window } = type.create(settings, sourceWorld(session, noCluster).world);
    return { name: settings.name, type: type.type, product, proof: type.proof, capabilities, window: `${window / 1000}s` };
  });
  if (options.output === 'json') session.stdout(`${JSON.stringify({ version: 1, ...(file ? { file } : {}), sources }, null, 2)}\n`);
  else if (sources.length === 0) session.stdout(`no alert sources are configured in ${configurationFile(options.config, session.env)}\n`);
  else {
    const rows = sources.map(({ name, type, product, proof, capabilities, window }) => [
      [name],
      [type],
      [product],
      [proof],
      [...capabilities],
      [window],
    ]);
    session.stdout(listText(['name', 'type', 'product', 'proof', 'sees', 'window'], rows, session.columns, colours(session.colour)));
  }
  return ExitCode.ok;
}

const noCluster = async (): Promise<never> => {
  throw new Failure('internal', 'a source asked for the cluster before it was opened');
};

async function checkSources(names: readonly string[], options: AlertsOptions, session: Session): Promise<number> {
  const configuration = await read(options, session);
  const chosen = names.length === 0 ? configuration.alertSources.map(({ settings }) => settings.name) : names;
  if (chosen.length === 0) throw new UsageError(`no alert sources are configured in ${configurationFile(options.config, session.env)}`);
  const signal = deadline(CHECK_LIMIT, 'the checks', session.interrupt);
  const paint = colours(session.colour);
  const checked = await Promise.all(
    chosen.map(async (name) => {
      const { source, redact } = sourceOf(name, configuration, options, session);
      const checks: SourceCheck[] = await source.check(signal);
      return redact().value({ name, proof: source.proof, checks });
    }),
  );
  if (options.output === 'json') session.stdout(`${JSON.stringify({ version: 1, sources: checked }, null, 2)}\n`);
  else
    for (const { name, proof, checks } of checked)
      session.stdout(`${paint.bold(name)} ${paint.dim(`(${proof})`)}\n${checks.map((each) => checkLine(each, paint)).join('')}`);
  return checked.some(({ checks }) => checks.some(({ result }) => result === 'failed')) ? ExitCode.missed : ExitCode.ok;
}

async function tailSource(name: string, options: TailOptions, session: Session): Promise<number> {
  const { source, redact } = sourceOf(name, await read(options, session), options, session);
  const paint = colours(session.colour);
  const ending = new AbortController();
  const signal = AbortSignal.any([session.interrupt, ending.signal]);
  const now = Date.now();
  const from = options.since === undefined ? Number.POSITIVE_INFINITY : now - options.since;
  try {
    for await (const event of await source.open({ id: 'tail', namespace: 'sim-tail', since: now }, signal)) {
      if (event.type === 'heartbeat') {
        if (!options.follow) break;
        continue;
      }
      if (event.type === 'alert') {
        const { last, first, generated, updated } = event.alert.times;
        const newest = Math.max(...[last, first, generated, updated].filter((time) => time !== undefined));
        if (event.baseline && !(newest >= from)) continue;
      }
      const told = redact().value(event);
      if (options.output === 'json') session.stdout(`${JSON.stringify(told)}\n`);
      else if (told.type === 'alert') session.stdout(alertLine(told.alert, paint));
      else session.stderr(sourceLine(told, paint) ?? '');
    }
  } catch (error) {
    if (!session.interrupt.aborted) throw error;
  } finally {
    ending.abort();
  }
  return ExitCode.ok;
}

function sourceOf(
  name: string,
  { alertSources, file }: Configuration,
  options: AlertsOptions,
  session: Session,
): { source: AlertSource; redact: ReturnType<typeof sourceWorld>['redact'] } {
  const found = alertSources.find(({ settings }) => settings.name === name);
  if (found === undefined) {
    const names = alertSources.map((each) => each.settings.name);
    const hint = hintFor(name, names, 'there are') ?? `${file ?? configurationFile(options.config, session.env)} names none`;
    throw new UsageError(`there is no alert source \`${name}\``, { hint });
  }
  const { world, redact } = sourceWorld(session, async () => (await chooseCluster(options, session.env)).cluster);
  return { source: found.type.create(found.settings, world), redact };
}
