// Looks up what may explain alerts that did not come: what the sources say of themselves, and how their sensors are on the nodes of the attack.
import type { AlertSource, SourceCheck } from '../ports/alerts.ts';
import type { Clock } from '../ports/clock.ts';
import type { Cluster } from '../ports/cluster.ts';
import type { MissFacts, SensorPods, SensorState } from '../ports/miss-facts.ts';
import { sensorStates } from './sensor-pods.ts';

export interface LookWorld {
  sources: readonly AlertSource[];
  /** Where the sensors of sources are, by the names of those that have some. */
  sensors: ReadonlyMap<string, SensorPods>;
  cluster: Cluster;
  clock: Pick<Clock, 'now'>;
  /** Ends what is looked up at once. */
  signal: AbortSignal;
}

export type LookInto = (sources: readonly string[], nodes: readonly string[]) => Promise<MissFacts>;

/** What is looked up of one source takes no longer, milliseconds. */
const LIMIT = 15_000;
/** Of alerts that are missed together it is looked up once. */
const FRESH = 30_000;

/** `limit`: milliseconds for all that is looked up of a source. What it returns never throws: what cannot be looked up is no fact. */
export function lookIntoMisses({ sources, sensors, cluster, clock, signal }: LookWorld, limit = LIMIT): LookInto {
  const known = new Map<string, { at: number; facts: Promise<MissFacts> }>();
  const look = async (source: AlertSource, nodes: readonly string[]): Promise<MissFacts> => {
    const until = AbortSignal.any([signal, AbortSignal.timeout(limit)]);
    const where = sensors.get(source.name);
    const [checks, states] = await Promise.all([
      inTime(() => source.check(until), until).catch((error: unknown) => (signal.aborted ? [] : [unchecked(error, limit)])),
      where === undefined
        ? []
        : inTime(() => sensorStates(source.name, where, nodes, cluster, until), until).catch((): SensorState[] => []),
    ]);
    return { sensors: states, checks: checks.map((check) => ({ source: source.name, check })) };
  };
  return async (names, nodes) => {
    const all = await Promise.all(
      sources
        .filter(({ name }) => names.includes(name))
        .map((source) => {
          const key = JSON.stringify([source.name, nodes]);
          const before = known.get(key);
          if (before !== undefined && clock.now() - before.at < FRESH) return before.facts;
          const facts = look(source, nodes);
          known.set(key, { at: clock.now(), facts });
          return facts;
        }),
    );
    return { sensors: all.flatMap((each) => each.sensors), checks: all.flatMap((each) => each.checks) };
  };
}

/** Rejects with the signal, whether or not the work heeds it. */
async function inTime<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const ended = Promise.withResolvers<never>();
  const end = () => ended.reject(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  try {
    if (signal.aborted) end();
    return await Promise.race([work(), ended.promise]);
  } finally {
    signal.removeEventListener('abort', end);
    ended.promise.catch(() => undefined);
  }
}

function unchecked(error: unknown, limit: number): SourceCheck {
  const isLate = (error as Error | null)?.name === 'TimeoutError';
  const why = isLate ? `it gave no answer within ${limit / 1000} s` : error instanceof Error ? error.message : String(error);
  return { title: 'Check', result: 'failed', message: why };
}
