// The verdict on one expected alert, from facts alone. Pure: no clock, no IO.
import type { NormalisedAlert } from '../ports/alerts.ts';
import type { AlertExpectation } from '../steps/step.ts';
import type { Outcome, StepEnd, StepFacts, Verdict } from './events.ts';

/** A step of the run and how it ended. */
export interface RanStep {
  facts: StepFacts;
  end: StepEnd;
}

/** An open alert source, as far as a verdict depends on it. */
export interface Watch {
  source: string;
  product: string;
  /** Times in which it may have missed alerts, milliseconds since the Unix epoch. */
  gaps: readonly { from: number; to: number; reason: string }[];
  /** Until when it has watched. */
  until: number;
}

/** An alert that speaks of the expected behaviour and is known to be of this run. */
export interface Match {
  alert: NormalisedAlert;
  rung: string;
}

/** How many alerts the matches stand for: a product may fold several into one. */
const countOf = (matches: readonly Match[]): number => matches.reduce((sum, { alert }) => sum + Math.max(1, alert.count), 0);

/**
 * How far the alerts have come: how many there are, or of a repeated attack how many of its executions have an alert of their own, and how
 * many are wanted. No alert counts for two executions; which of them gets one does not change how many do.
 */
export function progressOf(expectation: AlertExpectation, attack: RanStep | undefined, matches: readonly Match[], window: number) {
  const { required, count = 1 } = expectation;
  if (required === undefined) return { seen: countOf(matches), wanted: count };
  const times = matches.flatMap(({ alert }) =>
    Array.from({ length: Math.min(Math.max(1, alert.count), required.of) }, () => alert.times.seen),
  );
  times.sort((a, b) => a - b);
  let seen = 0;
  for (const { startedAt, milliseconds } of attack?.end.executions ?? []) {
    const own = times.findIndex((time) => time >= startedAt && time <= startedAt + milliseconds + window);
    if (own === -1) continue;
    times.splice(own, 1);
    seen++;
  }
  return { seen, wanted: required.times };
}

export interface Evidence {
  /** The attack, where one ran; undefined where none of the steps named by `of` did. */
  attack: RanStep | undefined;
  /** Why the attack did not run. */
  absence?: string;
  /** A control that kept an earlier step, and so the attack, from running. */
  preventedBy?: string;
  matches: readonly Match[];
  /** Sources that can see the behaviour. */
  watches: readonly Watch[];
  /** How long the alert might take, milliseconds; for gaps. */
  window: number;
}

/**
 * detected: the attack ran and its alert came. prevented: a control stopped it. missed: it ran, every source watched all the time, nothing
 * came. unverified: nobody watched, or with a gap. not-executed: it did not take effect. For `count: 0`: silent or unexpected.
 */
export function verdictOf(expectation: AlertExpectation, evidence: Evidence): Verdict {
  const { attack, matches, watches, window } = evidence;
  const step = attack === undefined ? {} : { step: attack.facts.key };
  const say = (outcome: Outcome, reason: string, more: Partial<Verdict> = {}): Verdict => ({
    expectation,
    outcome,
    reason,
    ...step,
    ...more,
  });
  if (evidence.preventedBy !== undefined) return say('prevented', `stopped by ${evidence.preventedBy}`);
  if (attack === undefined) return say('not-executed', evidence.absence ?? 'no attack step ran');
  const { status, problem, startedAt } = attack.end;
  if (status === 'prevented') return say('prevented', `stopped by ${problem?.policy ?? 'a control'}: ${problem?.message ?? ''}`);
  if (status !== 'succeeded') return say('not-executed', `"${attack.facts.name}" took no proven effect: ${problem?.message ?? status}`);

  const { seen, wanted } = progressOf(expectation, attack, matches, window - attack.end.milliseconds);
  const proof = matches.map(({ alert, rung }) => ({ source: alert.source, id: alert.id, rung }));
  if (wanted === 0 && seen > 0)
    return say('unexpected', `${seen === 1 ? 'an alert' : `${seen} alerts`} came where none should`, { evidence: proof });
  if (wanted > 0 && seen >= wanted) {
    const first = Math.min(...matches.map(({ alert }) => alert.times.seen));
    const milliseconds = Math.max(0, first - startedAt);
    const times = expectation.required === undefined ? '' : `${seen} of ${expectation.required.of} times `;
    return say('detected', `${times}by ${[...new Set(proof.map(({ source }) => source))].join(', ')}`, { milliseconds, evidence: proof });
  }
  if (watches.length === 0) return say('unverified', 'no alert source is open that could see it');
  const gap = watches.flatMap(({ source, gaps, until }) => {
    const inside = gaps.find(({ from, to }) => to >= startedAt && from <= startedAt + window);
    if (inside !== undefined) return [`${source} had a gap: ${inside.reason}`];
    return until < startedAt + window ? [`${source} did not watch for the whole window`] : [];
  })[0];
  if (gap !== undefined) return say('unverified', gap);
  if (wanted === 0) return say('silent', 'no alert came, as it should be');
  const few =
    seen > 0 ? `only ${seen} of ${wanted} ${expectation.required === undefined ? 'alerts' : 'executions with an alert'}` : 'no alert';
  return say('missed', `${few} came within ${window / 1000} s from ${watches.map(({ source }) => source).join(', ')}`, { evidence: proof });
}
