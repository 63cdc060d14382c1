// A rule ready to be asked: what of it has to be evaluated for one observation, and when what it remembers makes a finding.
import { ExpressionError, parseCel } from '../language/cel.ts';
import type { Observation } from '../ports/observations.ts';
import { type Detection, type Grouping, KINDS, type Kind } from './detection.ts';
import type { Facts } from './facts.ts';
import { type Prefilter, prefilterOf } from './prefilter.ts';
import { openWindows } from './windows.ts';

/** One condition of a rule, and what to do where it is true. */
export interface Matcher {
  kind: Kind;
  prefilter: Prefilter;
  condition(facts: Facts): boolean;
  /** The observations that make a finding, the deciding one last; undefined where there is none (yet). */
  matched(observation: Observation, facts: Facts): readonly Observation[] | undefined;
}

/** Lines of one sequence that one group may have begun. */
const MOST_BEGUN = 8;

/** The matchers of a rule, later steps of a sequence first: an observation is not two steps at once. `forgotten` counts what was let go of too early. */
export function matchersOf(detection: Detection): { matchers: Matcher[]; forgotten(): number } {
  const kind = KINDS[detection.logsource.category];
  const { condition, threshold, sequence } = detection;
  if (sequence !== undefined) return sequenceMatchers(sequence, kind);
  if (condition === undefined) return { matchers: [], forgotten: () => 0 };
  const one = { kind, prefilter: prefilterOf(condition), condition: conditionOf(condition) };
  if (threshold !== undefined) return thresholdMatcher(threshold, one);
  return { matchers: [{ ...one, matched: (observation) => [observation] }], forgotten: () => 0 };
}

function conditionOf(cel: string): (facts: Facts) => boolean {
  const expression = parseCel(cel);
  return (facts) => expression.run(facts) === true;
}

type Part = Pick<Matcher, 'kind' | 'prefilter' | 'condition'>;

function thresholdMatcher(threshold: NonNullable<Detection['threshold']>, part: Part): { matchers: Matcher[]; forgotten(): number } {
  const { count, distinct, within, by } = threshold;
  const countedOf = distinct === undefined ? undefined : textsOf(distinct);
  const windows = openWindows(within, () => ({ seen: new Map<string, Observation>(), number: 0, silentUntil: Number.NEGATIVE_INFINITY }));
  const matched: Matcher['matched'] = (observation, facts) => {
    const group = groupOf(observation, by);
    if (group === undefined) return undefined;
    const state = windows.of(group, observation.time);
    if (observation.time < state.silentUntil) return undefined;
    for (const value of countedOf?.(facts) ?? [String(state.number++)]) {
      state.seen.delete(value);
      state.seen.set(value, observation);
    }
    for (const [value, { time }] of state.seen) if (observation.time - time > within) state.seen.delete(value);
    if (state.seen.size < count) return undefined;
    const all = [...new Set(state.seen.values())];
    state.seen.clear();
    // One burst is one finding.
    state.silentUntil = observation.time + within;
    return all;
  };
  return { matchers: [{ ...part, matched }], forgotten: windows.forgotten };
}

interface Begun {
  observations: Observation[];
  /** What all steps so far have in common; undefined: nothing has to be. */
  keys?: readonly string[];
}

function sequenceMatchers(
  { within, by, steps }: NonNullable<Detection['sequence']>,
  ownKind: Kind,
): { matchers: Matcher[]; forgotten(): number } {
  const windows = openWindows(within, () => steps.map((): Begun[] => []));
  const matchers = steps.map(({ category, condition, key }, index): Matcher => {
    const keysOf = key === undefined ? undefined : textsOf(key);
    const matched: Matcher['matched'] = (observation, facts) => {
      const group = groupOf(observation, by);
      if (group === undefined) return undefined;
      const state = windows.of(group, observation.time);
      const keys = keysOf?.(facts);
      const waiting = state[index - 1] ?? [];
      const place = waiting.findIndex(
        ({ observations, keys: common }) =>
          observations.at(-1) !== observation &&
          observation.time - (observations[0]?.time ?? 0) <= within &&
          (keys === undefined || common === undefined || common.some((each) => keys.includes(each))),
      );
      if (index > 0 && place === -1) return undefined;
      const before: Begun = index === 0 ? { observations: [] } : (waiting.splice(place, 1)[0] as Begun);
      const common =
        keys === undefined ? before.keys : before.keys === undefined ? keys : before.keys.filter((each) => keys.includes(each));
      const observations = [...before.observations, observation];
      if (index === steps.length - 1) return observations;
      const begun = state[index] as Begun[];
      begun.push({ observations, ...(common === undefined ? {} : { keys: common }) });
      if (begun.length > MOST_BEGUN) begun.shift();
      return undefined;
    };
    return {
      kind: category === undefined ? ownKind : KINDS[category],
      prefilter: prefilterOf(condition),
      condition: conditionOf(condition),
      matched,
    };
  });
  return { matchers: matchers.reverse(), forgotten: windows.forgotten };
}

/** CEL that gives a text, a number, or a list of them. */
function textsOf(cel: string): (facts: Facts) => string[] {
  const expression = parseCel(cel);
  return (facts) => {
    const value = expression.run(facts);
    const all: unknown[] = Array.isArray(value) ? value : [value];
    if (all.some((each) => typeof each !== 'string' && typeof each !== 'bigint' && typeof each !== 'number'))
      throw new ExpressionError('what steps have in common must be texts or numbers', 0, cel.length);
    return all.map(String);
  };
}

/** What an observation is counted with; undefined where it has nothing of that kind. */
function groupOf(observation: Observation, by: Grouping): string | undefined {
  if (observation.kind === 'audit') {
    const { user, impersonatedUser, objectRef } = observation.event;
    if (by === 'user') return (impersonatedUser ?? user).username;
    return by === 'pod' && objectRef?.resource === 'pods' ? `${objectRef.namespace}/${objectRef.name}` : undefined;
  }
  const { where, process } = observation;
  if (by === 'container') return where.containerId;
  if (by === 'pod') return `${where.namespace}/${where.pod}`;
  return by === 'process' ? `${where.containerId} ${process.pid}` : `${where.containerId} ${process.uid ?? ''}`;
}
