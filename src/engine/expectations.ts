// Watches the alert sources from before the first step, and settles each expected alert when its window ends or enough has come.
import { ExpressionError } from '../language/cel.ts';
import { evaluateCel } from '../language/expression.ts';
import type { AlertSource, NormalisedAlert, Severity } from '../ports/alerts.ts';
import type { Clock } from '../ports/clock.ts';
import type { AlertExpectation } from '../steps/step.ts';
import type { Observer, Verdict } from './events.ts';
import { type Evidence, type Match, progressOf, type RanStep, verdictOf, type Watch } from './verdict.ts';

/** What only this run has; pods and containers are added as they come. */
export interface RunIdentity {
  id: string;
  namespace: string;
  podUids: string[];
  containerIds: string[];
}

/** What the alerts/ catalogue knows, handed in so that the engine needs none of it. */
export interface AlertJudge {
  /** Whether the alert speaks of the catalogue's behaviour. */
  matches(alertId: string, alert: NormalisedAlert): boolean;
  /** What ties the alert to the run, surest first; undefined where nothing does. */
  correlate(alert: NormalisedAlert, run: RunIdentity): string | undefined;
  /** Whether the product has an alert for the behaviour at all. */
  covers(alertId: string, product: string): boolean;
}

/** The attack of an expectation, or why there is none. */
export type Attack = Pick<Evidence, 'attack' | 'absence' | 'preventedBy'>;

export interface AlertWatch {
  /** Resolves with the verdict: at once where it cannot change any more, at the end of the window otherwise. */
  settle(expectation: AlertExpectation, attack: Attack): Promise<Verdict>;
  close(): Promise<void>;
}

interface OpenSource {
  source: AlertSource;
  alerts: NormalisedAlert[];
  gaps: { from: number; to: number; reason: string }[];
  /** Set when its stream ended, by itself or by an error. */
  endedAt?: number;
}

const SEVERITIES: readonly Severity[] = ['informational', 'low', 'medium', 'high', 'critical'];

/** Opens every source; resolves once all of them watch. Throws the Failure of a source that cannot. */
export async function watchAlerts(
  { sources, judge, clock, record }: { sources: readonly AlertSource[]; judge: AlertJudge; clock: Clock; record: Observer },
  identity: RunIdentity,
  signal: AbortSignal,
): Promise<AlertWatch> {
  const closing = new AbortController();
  const until = AbortSignal.any([signal, closing.signal]);
  let wake = Promise.withResolvers<void>();
  const changed = () => {
    wake.resolve();
    wake = Promise.withResolvers<void>();
  };

  const since = clock.now();
  const follow = async (open: OpenSource, events: Awaited<ReturnType<AlertSource['open']>>) => {
    try {
      for await (const event of events) {
        const at = clock.now();
        if (event.type === 'gap') {
          const { from, to, reason } = event;
          open.gaps.push({ from, to, reason });
          record({ type: 'source-gap', at, source: open.source.name, from, to, reason });
        } else if (event.type === 'alert') {
          const { alert } = event;
          // An update of an alert replaces it.
          open.alerts = [...open.alerts.filter(({ id }) => id !== alert.id), alert];
          const rung = judge.correlate(alert, identity);
          record({ type: 'alert-seen', at, source: alert.source, id: alert.id, name: alert.name, ...(rung === undefined ? {} : { rung }) });
        }
        changed();
      }
    } catch (error) {
      if (!until.aborted)
        open.gaps.push({ from: clock.now(), to: Number.MAX_SAFE_INTEGER, reason: error instanceof Error ? error.message : String(error) });
    } finally {
      open.endedAt = clock.now();
      changed();
    }
  };
  const opened = await Promise.all(
    sources.map(async (source) => {
      const open: OpenSource = { source, alerts: [], gaps: [] };
      const events = await source.open({ id: identity.id, namespace: identity.namespace, since }, until);
      return { open, done: follow(open, events) };
    }),
  );

  const matchesOf = (expectation: AlertExpectation, eligible: readonly OpenSource[], from: number, to: number): Match[] =>
    eligible.flatMap(({ alerts }) =>
      alerts.flatMap((alert): Match[] => {
        const rung = judge.correlate(alert, identity);
        const inTime = alert.times.seen >= from && alert.times.seen <= to;
        return rung !== undefined && inTime && judge.matches(expectation.alert, alert) && fits(expectation, alert) ? [{ alert, rung }] : [];
      }),
    );

  return {
    async settle(expectation, attack) {
      const eligible = opened
        .map(({ open }) => open)
        .filter(
          ({ source }) =>
            (expectation.source === undefined || source.name === expectation.source) && judge.covers(expectation.alert, source.product),
        );
      const window = expectation.within ?? Math.max(0, ...eligible.map(({ source }) => source.window));
      const ran: RanStep | undefined = attack.attack;
      const whole = (ran?.end.milliseconds ?? 0) + window;
      const from = ran?.end.startedAt ?? 0;
      const verdict = () => {
        const now = clock.now();
        const watches: Watch[] = eligible.map(({ source, gaps, endedAt }) => ({
          source: source.name,
          product: source.product,
          gaps,
          until: endedAt ?? now,
        }));
        return verdictOf(expectation, { ...attack, matches: matchesOf(expectation, eligible, from, from + whole), watches, window: whole });
      };
      while (ran?.end.status === 'succeeded' && eligible.some(({ endedAt }) => endedAt === undefined) && !until.aborted) {
        const left = from + whole - clock.now();
        const { seen, wanted } = progressOf(expectation, ran, matchesOf(expectation, eligible, from, from + whole), window);
        // Silence is known at the end only; an alert that should not come settles it at once.
        if (left <= 0 || (wanted > 0 ? seen >= wanted : seen > 0)) break;
        const timer = new AbortController();
        const next = wake.promise;
        await Promise.race([next, clock.sleep(left, AbortSignal.any([until, timer.signal])).catch(() => undefined)]);
        timer.abort();
      }
      const settled = verdict();
      record({ type: 'expectation-settled', at: clock.now(), verdict: settled });
      return settled;
    },
    async close() {
      closing.abort();
      await Promise.all(opened.map(({ done }) => done));
    },
  };
}

function fits({ where, severity }: AlertExpectation, alert: NormalisedAlert): boolean {
  if (severity !== undefined && SEVERITIES.indexOf(alert.severity ?? 'informational') < SEVERITIES.indexOf(severity as Severity))
    return false;
  if (where === undefined) return true;
  try {
    return evaluateCel(where, { alert }) === true;
  } catch (error) {
    // An alert without a field that the condition reads does not fit it.
    if (error instanceof ExpressionError) return false;
    throw error;
  }
}
