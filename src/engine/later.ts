// A verdict after the run: what its log says of attacks, pods and expected alerts, for sources that are asked now.
import type { OtherRun } from '../alerts/evidence.ts';
import type { WatchedSource } from '../alerts/watched.ts';
import type { LogLine } from '../ports/run-log.ts';
import type { Registered } from './attack-of.ts';
import type { ExpectedAlert, RunEvent } from './events.ts';
import { EVENTS_VERSION } from './events.ts';
import { type Settled, type WatchWorld, watchAlerts } from './expectations.ts';
import { type KnownRun, knownRun } from './known-run.ts';
import type { RanStep } from './verdict.ts';
import { takeIn, watchOf } from './watched-source.ts';

/** A run that has ended, as far as its alerts are concerned. */
export interface EndedRun {
  id: string;
  namespace: string;
  title: string;
  context: string;
  clusterIdentity: string;
  /** Milliseconds since the Unix epoch. */
  startedAt: number;
  known: KnownRun;
  steps: RanStep[];
  registered: Registered[];
  /** When its last step had ended. */
  endedAt: number;
  /** What alert sources told until it ended, by their names. */
  watched: Map<string, WatchedSource>;
  /** Files that it has kept. */
  kept: string[];
  /** Why nothing can be concluded from it; absent where all is there. */
  unusable?: string;
}

/** Reads it from the lines of a log. `unusable` says what is missing; another version's log has nothing else. */
export function endedRun(id: string, lines: readonly LogLine[]): EndedRun {
  const events = lines as unknown as readonly RunEvent[];
  const of = <T extends RunEvent['type']>(type: T) => events.filter((event) => event.type === type) as Extract<RunEvent, { type: T }>[];
  const [started] = of('run-started');
  const [expected] = of('alerts-expected').slice(-1);
  const namespace = started?.run.namespace ?? '';
  const clusters = started === undefined ? [] : [started.cluster.context, started.cluster.identity];
  const known = knownRun({ id, namespace }, [...new Set(clusters)]);
  for (const { pod } of of('pod-known')) known.learn(pod);
  const steps = of('step-finished').map(({ step, end }): RanStep => ({ facts: step, end }));
  const unusable = unusableBecause(started, expected);
  return {
    id,
    namespace,
    title: started?.playbook.title ?? id,
    context: started?.cluster.context ?? '',
    clusterIdentity: started?.cluster.identity ?? '',
    startedAt: started?.at ?? 0,
    endedAt: Math.max(started?.at ?? 0, ...steps.map(({ end }) => end.startedAt + end.milliseconds)),
    known,
    steps,
    registered: expected?.expected.map((each) => registeredOf(each, steps)) ?? [],
    watched: watchedIn(events),
    kept: of('evidence-kept').map(({ path }) => path),
    ...(unusable === undefined ? {} : { unusable }),
  };
}

function unusableBecause(started: { version: number } | undefined, expected: object | undefined): string | undefined {
  if (started === undefined) return 'its log does not say how it began';
  if (started.version !== EVENTS_VERSION) return `its log has version ${started.version}, and this program reads ${EVENTS_VERSION}`;
  return expected === undefined ? 'it ended before all of its steps were done' : undefined;
}

/** What the sources told, as the log has it: alerts of others are no more than counted there. */
function watchedIn(events: readonly RunEvent[]): Map<string, WatchedSource> {
  const sources = new Map<string, WatchedSource>();
  for (const event of events) {
    if (event.type === 'source-opened') {
      const { source: name, product, capabilities, window } = event;
      if (!sources.has(name)) sources.set(name, watchOf({ name, product, capabilities, window }));
      continue;
    }
    const source = 'source' in event ? sources.get(event.source) : undefined;
    if (source === undefined) continue;
    if (event.type === 'alert-seen' && event.alert !== undefined) {
      const { alert, baseline } = event;
      takeIn(source, { type: 'alert', alert, ...(baseline ? { baseline } : {}) }, event.at);
    } else if (event.type === 'source-gap') takeIn(source, { ...event, type: 'gap' }, event.at);
    else if (event.type === 'source-clock') takeIn(source, { ...event, type: 'clock' }, event.at);
    else if (event.type === 'source-closed' && event.until !== undefined) takeIn(source, { type: 'heartbeat', at: event.until }, event.at);
  }
  return sources;
}

const registeredOf = ({ expectation, step, absence, preventedBy }: ExpectedAlert, steps: readonly RanStep[]): Registered => ({
  expectation,
  attack: {
    attack: steps.find(({ facts }) => facts.key === step),
    ...(absence === undefined ? {} : { absence }),
    ...(preventedBy === undefined ? {} : { preventedBy }),
  },
});

/** Asks the sources for what the run's alerts have become; resolves when every expectation has its verdict. Throws the Failure of a source. */
export async function settleLater(
  run: Pick<EndedRun, 'known' | 'startedAt' | 'registered' | 'steps' | 'watched'>,
  world: Pick<WatchWorld, 'sources' | 'judge' | 'clock' | 'record' | 'lookInto' | 'keepEvidence' | 'others'>,
  signal: AbortSignal,
): Promise<Settled> {
  const alerts = await watchAlerts(
    { ...world, identity: run.known.identity, nodes: run.known.nodes, lookBack: { since: run.startedAt, watched: run.watched } },
    signal,
  );
  try {
    return await alerts.settle(run.registered, run.steps);
  } finally {
    await alerts.close();
  }
}

/** Those of the runs that were on the same cluster while this one ran, as the judge asks for them. */
export const otherRuns = (run: EndedRun, all: readonly EndedRun[]): OtherRun[] =>
  all
    .filter((each) => each.clusterIdentity === run.clusterIdentity && each.startedAt <= run.endedAt && each.endedAt >= run.startedAt)
    .map((each) => ({ identity: each.known.identity(), from: each.startedAt, to: each.endedAt }));
