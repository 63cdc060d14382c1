// Which alert sources a command reads: those of the operator's configuration, or the ones among them that were named.
import type { Command } from 'commander';
import { sensor } from '../adapters/alert-sources/sensor.ts';
import { SENSOR_NAMESPACE, sensorPods } from '../adapters/alert-sources/sensor-pods.ts';
import { hintFor } from '../language/suggest.ts';
import type { AlertSource } from '../ports/alerts.ts';
import type { Cluster } from '../ports/cluster.ts';
import type { SensorPods } from '../ports/miss-facts.ts';
import type { Observation } from '../ports/observations.ts';
import { type ConfiguredSource, configurationFile, readConfiguration } from './configuration.ts';
import { sensorPlace } from './sensor-places.ts';
import type { Session } from './session.ts';
import { sourceWorld } from './source-world.ts';
import { UsageError } from './usage-error.ts';

export interface SourceOptions {
  config?: string;
  alerts?: string[];
}

/** Reads no source, whatever is configured. */
const NONE = 'none';

export function addSourceOptions(command: Command): Command {
  const collect = (value: string, before: string[] = []) => [...before, value];
  return command
    .option('--config <file>', 'the configuration with the alert sources (default: SIM_CONFIG, else ~/.config/kubesim/config.yaml)')
    .option('--alerts <source>', `read alerts from this source of it (repeatable; default: all of them; \`${NONE}\`: from none)`, collect);
}

/** Settings of the chosen sources. Throws UsageError for a name that is not configured, and for a configuration that is wrong. */
export async function chosenSources(
  { config, alerts }: SourceOptions,
  { env, errorColour }: Pick<Session, 'env' | 'errorColour'>,
): Promise<ConfiguredSource[]> {
  if (alerts?.includes(NONE)) {
    if (alerts.length > 1) throw new UsageError(`--alerts ${NONE} and --alerts with a name contradict each other`);
    return [];
  }
  const { alertSources } = await readConfiguration(config, { env, colour: errorColour });
  if (alerts === undefined) return alertSources;
  const names = alertSources.map(({ settings }) => settings.name);
  return [...new Set(alerts)].map((name) => {
    const found = alertSources.find(({ settings }) => settings.name === name);
    if (found !== undefined) return found;
    const hint = hintFor(name, names, 'there are') ?? `${configurationFile(config, env)} names none`;
    throw new UsageError(`there is no alert source \`${name}\``, { hint });
  });
}

/** The judge that a lab brings, as if it were configured. */
export const labSensor: ConfiguredSource = { type: sensor, settings: { name: 'sensor' } };

/** The lab brings its own judge: its sensor is read without being configured, unless sources were named. */
export async function withLabSensor(
  chosen: readonly ConfiguredSource[],
  { alerts }: SourceOptions,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<readonly ConfiguredSource[]> {
  if (alerts !== undefined || readsSensor(chosen)) return chosen;
  const sensors = await cluster.list(sensorPods(SENSOR_NAMESPACE), signal);
  return sensors.length === 0 ? chosen : [...chosen, labSensor];
}

/** Whether observations come with them: others tell alerts alone. */
export const readsSensor = (chosen: readonly ConfiguredSource[]): boolean => chosen.some(({ type }) => type === sensor);

export interface MadeSources {
  sources: AlertSource[];
  /** Where their sensors are, by the names of those of which that is known. */
  sensors: ReadonlyMap<string, SensorPods>;
}

/** Makes the sources; each reads the cluster that the command works on. `observed` is told what sensors observe. */
export function makeSources(
  chosen: readonly ConfiguredSource[],
  session: Pick<Session, 'env' | 'stderr'>,
  cluster: Cluster,
  observed?: (observation: Observation) => void,
): MadeSources {
  const { world, redact } = sourceWorld(session, async () => cluster, observed);
  const made = chosen.map((each) => ({ configured: each, source: each.type.create(each.settings, world) }));
  return {
    sources: made.map(({ source }) => ({
      ...source,
      async check(signal) {
        const checks = await source.check(signal);
        // Of the secrets that are known once it has looked.
        return redact().value(checks);
      },
    })),
    sensors: new Map(
      made.flatMap(({ configured, source }) => {
        const place = sensorPlace(configured, source.product);
        return place === undefined ? [] : [[source.name, place]];
      }),
    ),
  };
}
