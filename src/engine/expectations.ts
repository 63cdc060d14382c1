// Watches the alert sources from before the first step, and settles each expected alert when its window ends or enough has come.
import type { RunIdentity } from '../alerts/correlate.ts';
import type { AlertJudge, AttackTime, Evidence, Expected, OtherRun, RunFacts, Weighed } from '../alerts/evidence.ts';
import type { WatchedSource } from '../alerts/watched.ts';
import type { AlertSource, NormalisedAlert, SourceEvent } from '../ports/alerts.ts';
import type { Clock } from '../ports/clock.ts';
import type { Registered } from './attack-of.ts';
import type { Observer, UnexpectedAlert, Verdict } from './events.ts';
import type { EvidenceKeeper } from './keep-evidence.ts';
import { forTheLog } from './logged-alert.ts';
import type { LookInto } from './look-into.ts';
import { isSettled, type RanStep, toldBySource, verdictOf } from './verdict.ts';
import { takeIn, watchOf } from './watched-source.ts';

export interface Settled {
  /** In the order of the expectations. */
  verdicts: Verdict[];
  /** Alerts of this run that nothing expects. */
  unexpected: UnexpectedAlert[];
}

export interface AlertWatch {
  /**
   * Resolves with all verdicts: each is made at once where it cannot change any more, at the end of its window otherwise. `steps`: all that ran.
   */
  settle(registered: readonly Registered[], steps: readonly RanStep[]): Promise<Settled>;
  /** Marks the alerts that proved verdicts as resolved, with a comment, in products that can. Never throws: the log tells what failed. */
  resolve(verdicts: readonly Verdict[], comment: string): Promise<void>;
  close(): Promise<void>;
}

/** What a later look knows of the run. */
export interface LookBack {
  /** When it began: what sources tell as there before is new where it is younger. */
  since: number;
  /** What the sources told while it ran, by their names. */
  watched: ReadonlyMap<string, WatchedSource>;
}

export interface WatchWorld {
  sources: readonly AlertSource[];
  judge: AlertJudge;
  clock: Clock;
  record: Observer;
  /** The run as it is known now; another object whenever it has changed. */
  identity(): RunIdentity;
  /** Namespaces beside the run's own whose pods it attacks. */
  targets?: readonly string[];
  /** Other runs on the same cluster. */
  others(): readonly OtherRun[];
  /** For a verdict after the run. */
  lookBack?: LookBack;
  /** Nodes on which the attacks ran. */
  nodes?(): readonly string[];
  /** Looks up what may explain alerts that did not come. Never throws. */
  lookInto?: LookInto;
  /** Keeps what speaks of a missed attack. */
  keepEvidence?: EvidenceKeeper['keep'];
}

/** How long after the end of a window a source is waited for that has not yet told all of it, milliseconds. */
const GRACE = 90_000;

/** Opens every source; resolves once all of them watch. Throws the Failure of a source that cannot. */
export async function watchAlerts(world: WatchWorld, signal: AbortSignal): Promise<AlertWatch> {
  const { sources, judge, clock, record } = world;
  const closing = new AbortController();
  const until = AbortSignal.any([signal, closing.signal]);
  let wake = Promise.withResolvers<void>();
  const changed = () => {
    wake.resolve();
    wake = Promise.withResolvers<void>();
  };
  const whole = new WeakSet<NormalisedAlert>();
  const recordAlert = (source: string, event: Extract<SourceEvent, { type: 'alert' }>, at: number) => {
    const rung = judge.rungOf(event.alert, world.identity());
    if (rung !== undefined) whole.add(event.alert);
    record({ type: 'alert-seen', at, source, ...forTheLog(event, rung) });
  };
  /** Alerts that are known to be of this run only since its pods are known. */
  const recordKnownSince = () => {
    for (const { watched } of opened)
      for (const { alert, baseline } of watched.alerts) {
        if (whole.has(alert) || judge.rungOf(alert, world.identity()) === undefined) continue;
        recordAlert(watched.name, { type: 'alert', alert, ...(baseline ? { baseline } : {}) }, clock.now());
      }
  };
  const follow = async (watched: WatchedSource, events: AsyncIterable<SourceEvent>) => {
    try {
      for await (const given of events) {
        const told = clock.now();
        const event = world.lookBack === undefined ? given : asSeenLater(given, world.lookBack.since, watched);
        takeIn(watched, event, told);
        if (event.type === 'alert') recordAlert(watched.name, event, told);
        else recordTold(watched.name, event, told, record);
        changed();
      }
    } catch (error) {
      if (!until.aborted) {
        const reason = error instanceof Error ? error.message : String(error);
        const gap: SourceEvent = { type: 'gap', from: clock.now(), to: Number.MAX_SAFE_INTEGER, reason };
        takeIn(watched, gap, gap.from);
        recordTold(watched.name, gap, gap.from, record);
      }
    } finally {
      watched.endedAt = clock.now();
      const last = watched.heartbeats.at(-1)?.at;
      record({ type: 'source-closed', at: watched.endedAt, source: watched.name, ...(last === undefined ? {} : { until: last }) });
      changed();
    }
  };

  const since = world.lookBack?.since ?? clock.now();
  const { id, namespace } = world.identity();
  const opened = await Promise.all(
    sources.map(async (source) => {
      const watched = { ...watchOf(source), ...gathered(world.lookBack?.watched.get(source.name)) };
      const events = await source.open({ id, namespace, targets: world.targets ?? [], since }, until);
      if (world.lookBack !== undefined && source.remembers !== true) {
        const reason = 'it knows only the alerts that come while it is open, and was closed since the run';
        const gap: SourceEvent = { type: 'gap', from: watched.heartbeats.at(-1)?.at ?? since, to: clock.now(), reason };
        takeIn(watched, gap, gap.to);
        recordTold(watched.name, gap, gap.to, record);
      }
      const { name, product, capabilities, window } = watched;
      record({ type: 'source-opened', at: clock.now(), source: name, product, capabilities, window });
      return { watched, done: follow(watched, events) };
    }),
  );
  const factsOf = (expected: readonly Expected[], attacks: readonly AttackTime[]): RunFacts => ({
    identity: world.identity(),
    others: world.others(),
    attacks,
    expected,
    sources: opened.map(({ watched }) => watched),
  });

  const openedAt = clock.now();
  /** A miss with what may explain it and what was kept of it. */
  const explained = async (verdict: Verdict, index: number, facts: RunFacts, weighed: Weighed): Promise<Verdict> => {
    const names = weighed.evidence[index]?.watchers.map(({ name }) => name) ?? [];
    const nodes = world.nodes?.() ?? [];
    const attack = facts.expected[index]?.attack;
    const [looked = { sensors: [], checks: [] }, kept = []] = await Promise.all([
      world.lookInto?.(names, nodes),
      attack === undefined ? undefined : world.keepEvidence?.(names, nodes, attack),
    ]);
    const explanations = judge.explain(index, facts, weighed, looked);
    return { ...verdict, ...(explanations.length === 0 ? {} : { explanations }), ...(kept.length === 0 ? {} : { kept }) };
  };

  /** A detection is settled by the first source that has it: what the others told until now. */
  const withSources = (verdict: Verdict | undefined, attack: RanStep | undefined, evidence: Evidence | undefined): Verdict[] => {
    if (verdict === undefined) return [];
    if (opened.length < 2 || attack === undefined || evidence === undefined) return [verdict];
    const names = opened.map(({ watched }) => watched.name);
    return [{ ...verdict, bySource: toldBySource(attack, evidence, names) }];
  };

  return {
    async settle(registered, steps) {
      recordKnownSince();
      const attacks = steps.flatMap((step) => (step.facts.attack.length > 0 && step.end.status !== 'skipped' ? [timeOf(step)] : []));
      const expected = registered.map(
        ({ expectation, attack: { attack } }): Expected => ({
          expectation,
          ...(attack === undefined ? {} : { attack: timeOf(attack) }),
        }),
      );
      const verdicts = new Map<Registered, Verdict>();
      for (;;) {
        // Taken first: what is told while this is judged wakes it again.
        const woken = wake.promise;
        const facts = factsOf(expected, attacks);
        const weighed = judge.weigh(facts);
        const now = clock.now();
        let next = Number.POSITIVE_INFINITY;
        for (const [index, each] of registered.entries()) {
          const evidence = weighed.evidence[index];
          if (evidence === undefined || verdicts.has(each)) continue;
          const ended = (expected[index]?.attack?.to ?? 0) + evidence.window;
          // Whoever is asked only now must be given the time to answer.
          const deadline = world.lookBack === undefined ? ended : Math.max(ended, openedAt);
          if (!until.aborted && now < deadline + GRACE && !isSettled(each.attack.attack, evidence)) {
            next = Math.min(next, now < deadline ? deadline : deadline + GRACE);
            continue;
          }
          const verdict = verdictOf(each.expectation, each.attack, evidence);
          const whole = verdict.outcome === 'missed' ? await explained(verdict, index, facts, weighed) : verdict;
          verdicts.set(each, whole);
          record({ type: 'expectation-settled', at: clock.now(), verdict: whole });
        }
        if (next === Number.POSITIVE_INFINITY)
          return {
            verdicts: registered.flatMap((each, index) => withSources(verdicts.get(each), each.attack.attack, weighed.evidence[index])),
            unexpected: weighed.unexpected.map(toldApart),
          };
        const timer = new AbortController();
        await Promise.race([woken, clock.sleep(next - now, AbortSignal.any([until, timer.signal])).catch(() => undefined)]);
        timer.abort();
      }
    },
    async resolve(verdicts, comment) {
      const proofs = verdicts.flatMap(({ evidence = [] }) => evidence);
      for (const [index, { watched }] of opened.entries()) {
        const source = sources[index];
        const wanted = new Set(proofs.filter((proof) => proof.source === watched.name).map(({ id }) => id));
        const newest = new Map(watched.alerts.map(({ alert }) => [alert.id, alert]));
        const alerts = [...newest.values()].filter(({ id }) => wanted.has(id));
        if (source?.resolve === undefined || alerts.length === 0) continue;
        const ids = alerts.map(({ id }) => id);
        const problem = await source.resolve(alerts, comment, until).then(
          () => undefined,
          (error: unknown) => (error instanceof Error ? error.message : String(error)),
        );
        record({ type: 'alerts-resolved', at: clock.now(), source: watched.name, ids, ...(problem === undefined ? {} : { problem }) });
      }
    },
    async close() {
      closing.abort();
      await Promise.all(opened.map(({ done }) => done));
    },
  };
}

const gathered = (before: WatchedSource | undefined) =>
  before === undefined
    ? {}
    : { alerts: before.alerts, gaps: before.gaps, heartbeats: before.heartbeats, ...(before.clock && { clock: before.clock }) };

/** What was there when a source was opened after the run is new where the product says that it happened since. */
function asSeenLater(event: SourceEvent, since: number, { clock }: WatchedSource): SourceEvent {
  if (event.type !== 'alert' || event.baseline === undefined) return event;
  const { alert } = event;
  const { first, last, generated, updated } = alert.times;
  const newest = Math.max(...[first, last, generated, updated].filter((time) => time !== undefined));
  return newest - (clock?.offset ?? 0) >= since ? { type: 'alert', alert } : event;
}

const timeOf = ({ facts, end }: RanStep): AttackTime => ({
  key: facts.key,
  name: facts.name,
  from: end.startedAt,
  to: end.startedAt + end.milliseconds,
  ...(end.executions === undefined
    ? {}
    : { executions: end.executions.map(({ startedAt, milliseconds }) => ({ from: startedAt, to: startedAt + milliseconds })) }),
});

const toldApart = ({ source, rung, alert }: Weighed['unexpected'][number]): UnexpectedAlert => ({
  source,
  id: alert.id,
  name: alert.name,
  rung,
  ...(alert.severity === undefined ? {} : { severity: alert.severity }),
  count: alert.count,
});

function recordTold(source: string, event: SourceEvent, at: number, record: Observer): void {
  if (event.type === 'gap') record({ type: 'source-gap', at, source, from: event.from, to: event.to, reason: event.reason });
  if (event.type === 'clock') record({ type: 'source-clock', at, source, offset: event.offset, uncertainty: event.uncertainty });
}
