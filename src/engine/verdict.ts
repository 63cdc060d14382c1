// The verdict on one expected alert, from facts alone. Pure: no clock, no IO.
import type { Evidence, Sighting } from '../alerts/evidence.ts';
import type { AlertExpectation } from '../steps/step.ts';
import type { Outcome, SourceTold, StepEnd, StepFacts, Verdict, VerdictTimes } from './events.ts';

/** A step of the run and how it ended. */
export interface RanStep {
  facts: StepFacts;
  end: StepEnd;
}

/** The attack of an expectation, or why there is none. */
export interface Attack {
  /** Undefined where none of the steps named by `of` ran. */
  attack: RanStep | undefined;
  /** Why the attack did not run. */
  absence?: string;
  /** A control that kept an earlier step, and so the attack, from running. */
  preventedBy?: string;
}

/** True where no later fact changes the verdict: it is never made before. */
export function isSettled(attack: Attack['attack'], { seen, wanted, watchers, blockedBy, mayBeBlocked }: Evidence): boolean {
  if (attack === undefined || attack.end.status === 'prevented') return true;
  if (attack.end.status !== 'succeeded' && (!mayBeBlocked || blockedBy !== undefined)) return true;
  // Silence is known at the end only; an alert that should not come settles it at once.
  if (attack.end.status === 'succeeded' && (wanted > 0 ? seen >= wanted : seen > 0)) return true;
  return watchers.every(({ isDone }) => isDone);
}

/**
 * detected: the attack ran and its alert came. prevented: a control stopped it. missed: it ran, every source watched all the time, nothing
 * came. unverified: nobody watched, or with a gap, or the alert may be of something else. not-executed: it did not take effect. For `count: 0`:
 * silent or unexpected.
 */
export function verdictOf(expectation: AlertExpectation, { attack, absence, preventedBy }: Attack, evidence: Evidence): Verdict {
  const step = attack === undefined ? {} : { step: attack.facts.key };
  const say = (outcome: Outcome, reason: string, more: Partial<Verdict> = {}): Verdict => ({
    expectation,
    outcome,
    reason,
    ...step,
    ...more,
  });
  if (preventedBy !== undefined) return say('prevented', `stopped by ${preventedBy}`);
  if (attack === undefined) return say('not-executed', absence ?? 'no attack step ran');
  const { status, problem } = attack.end;
  if (status === 'prevented') return say('prevented', `stopped by ${problem?.policy ?? 'a control'}: ${problem?.message ?? ''}`);
  const proven = evidence.sightings.filter(({ doubts }) => doubts.length === 0);
  const proof = { evidence: proofOf(proven) };
  if (status !== 'succeeded') {
    const why = `"${attack.facts.name}" took no proven effect: ${problem?.message ?? status}`;
    return evidence.blockedBy === undefined
      ? say('not-executed', why)
      : say('prevented', `stopped by ${evidence.blockedBy}; ${why}`, proof);
  }

  const { seen, possible, wanted, watchers, window } = evidence;
  if (wanted === 0 && seen > 0) return say('unexpected', `${seen === 1 ? 'an alert' : `${seen} alerts`} came where none should`, proof);
  if (wanted > 0 && seen >= wanted)
    return say('detected', detectedBy(expectation, proven, seen, wanted), { ...proof, ...detection(attack, proven, wanted) });
  if (wanted === 0 ? possible > 0 : possible >= wanted) {
    const doubtful = evidence.sightings.filter(({ doubts }) => doubts.length > 0);
    const ambiguousWith = [...new Set(doubtful.flatMap(({ doubts }) => doubts))];
    const reason = `ambiguous with ${ambiguousWith.join(', ')}: ${plural(possible - seen, 'alert')} may be of either`;
    return say('unverified', reason, { evidence: proofOf(evidence.sightings), ambiguousWith });
  }
  if (watchers.length === 0) {
    const { source } = expectation;
    const reason =
      source === undefined ? 'no alert source is open that could see it' : `${source} is not open, or its product has no such alert`;
    return say('unverified', reason);
  }
  const able = watchers.filter(({ lacks }) => lacks.length === 0);
  if (able.length === 0) {
    const lacks = [...new Set(watchers.flatMap((each) => each.lacks))].join(' and ');
    return say('unverified', `needs ${lacks}, which ${watchers.map(({ name }) => name).join(' and ')} cannot see`);
  }
  const gap = able.find(({ unwatched }) => unwatched !== undefined)?.unwatched;
  if (gap !== undefined) return say('unverified', gap, proof);
  if (wanted === 0) return say('silent', 'no alert came, as it should be');
  const what = expectation.required === undefined ? 'alerts' : 'executions with an alert';
  const few = seen > 0 ? `only ${seen} of ${wanted} ${what}` : 'no alert';
  return say(
    'missed',
    `${few} came within ${(attack.end.milliseconds + window) / 1000} s from ${able.map(({ name }) => name).join(', ')}`,
    proof,
  );
}

const plural = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;

function proofOf(sightings: readonly Sighting[]): NonNullable<Verdict['evidence']> {
  const byAlert = new Map(sightings.map((each) => [`${each.source}\n${each.occurrence.alert.id}`, each]));
  return [...byAlert.values()].map(({ source, rung, occurrence: { alert } }) => ({ source, id: alert.id, name: alert.name, rung }));
}

const numberOf = (sightings: readonly Sighting[]): number => sightings.reduce((sum, { occurrence }) => sum + occurrence.number, 0);

/** True where the surer evidence alone would not do. */
function isWeak(sightings: readonly Sighting[], wanted: number): boolean {
  const surer = sightings.filter(({ rung }) => rung !== 'cluster');
  return surer.length < sightings.length && numberOf(surer) < wanted;
}

function detectedBy({ required }: AlertExpectation, proven: readonly Sighting[], seen: number, wanted: number): string {
  const times = required === undefined ? '' : `${seen} of ${required.of} times `;
  const shared = [...new Set(proven.flatMap((each) => each.shared))];
  return [
    `${times}by ${[...new Set(proven.map(({ source }) => source))].join(', ')}`,
    ...(isWeak(proven, wanted) ? ['weak: only cluster and time tie it to this run'] : []),
    ...(shared.length === 0 ? [] : [`the same alert as of ${shared.join(', ')}`]),
  ].join('; ');
}

/** The start of the process where the alert says it and it is within the attack, else that of the step. */
function startOf({ startedAt, milliseconds }: StepEnd, { started, slack }: Sighting['occurrence']): { start: number; isKnown: boolean } {
  const isKnown = started !== undefined && Number.isFinite(slack) && started >= startedAt && started <= startedAt + milliseconds;
  return { start: isKnown ? started : startedAt, isKnown };
}

/** What each of these sources told of the expected alert. */
export function toldBySource({ end }: RanStep, { sightings, watchers }: Evidence, sources: readonly string[]): SourceTold[] {
  return sources.map((source): SourceTold => {
    const watcher = watchers.find(({ name }) => name === source);
    const own = sightings.filter((each) => each.source === source);
    const [first] = own.filter(({ doubts }) => doubts.length === 0).toSorted((a, b) => a.occurrence.seen - b.occurrence.seen);
    if (first !== undefined) {
      const { occurrence } = first;
      return { source, state: 'seen', milliseconds: Math.max(0, Math.round(occurrence.seen - startOf(end, occurrence).start)) };
    }
    if (own.length > 0) return { source, state: 'ambiguous' };
    if (watcher === undefined || watcher.lacks.length > 0) return { source, state: 'cannot see' };
    if (!watcher.isDone) return { source, state: 'not yet' };
    return { source, state: watcher.unwatched === undefined ? 'nothing' : 'gap' };
  });
}

/** When as many as are wanted had been seen, counted from the start of the process where that is known, else from that of the step. */
function detection({ end }: RanStep, proven: readonly Sighting[], wanted: number): Pick<Verdict, 'milliseconds' | 'times' | 'weak'> {
  const inOrder = proven.toSorted((a, b) => a.occurrence.seen - b.occurrence.seen);
  const last = (inOrder.find((_, index) => numberOf(inOrder.slice(0, index + 1)) >= wanted) ?? inOrder.at(-1))?.occurrence;
  if (last === undefined) return {};
  const { start, isKnown } = startOf(end, last);
  const told = { activity: last.activity?.from, generated: last.generated, visible: last.seen };
  const clamped = Object.entries(told).flatMap(([name, at]) => (at !== undefined && at < start ? [name as keyof typeof told] : []));
  const since = (at: number) => Math.max(0, Math.round(at - start));
  const times: VerdictTimes = {
    from: isKnown ? 'process' : 'step',
    ...(told.activity === undefined ? {} : { activity: since(told.activity) }),
    ...(told.generated === undefined ? {} : { generated: since(told.generated) }),
    visible: since(told.visible),
    ...(clamped.length === 0 ? {} : { clamped }),
  };
  return { milliseconds: times.visible, times, ...(isWeak(proven, wanted) ? { weak: true } : {}) };
}
