// Observations in, findings out. It does no IO and knows no time but that of the observations.
import { ExpressionError } from '../language/cel.ts';
import type { Observation } from '../ports/observations.ts';
import type { Detection, Kind } from './detection.ts';
import { type Facts, factsOf, namesOf } from './facts.ts';
import { type Matcher, matchersOf } from './matcher.ts';

/** A rule that came true. */
export interface Finding {
  detection: Detection;
  /** Those that made it so; the deciding one is the last. */
  observations: readonly Observation[];
  /** Of the deciding observation, milliseconds since the Unix epoch, by the kernel's or the API server's clock. */
  time: number;
}

export interface Detector {
  observe(observation: Observation): Finding[];
  /** Conditions that could not be evaluated, by rule: a rule that fails is silent, and must not be taken for one that saw nothing. */
  failures(): ReadonlyMap<string, string>;
  /** How often something was forgotten before its time because there was too much of it: sequences and thresholds may have been missed. */
  forgotten(): number;
}

interface Entry {
  detection: Detection;
  matcher: Matcher;
}

/** Rules of one kind of observation: those that a process must be called by a certain name for, and all others. */
interface Index {
  byName: Map<string, Entry[]>;
  others: Entry[];
}

/** Throws ExpressionError where a condition is none; loadDetection finds that before. */
export function createDetector(detections: readonly Detection[]): Detector {
  const indexes = new Map<Kind, Index>();
  const failures = new Map<string, string>();
  const counters: (() => number)[] = [];
  for (const detection of detections) {
    const { matchers, forgotten } = matchersOf(detection);
    counters.push(forgotten);
    for (const matcher of matchers) addTo(indexes, { detection, matcher });
  }
  const ask = ({ detection, matcher }: Entry, observation: Observation, facts: Facts): Finding | undefined => {
    try {
      if (!matcher.prefilter.may(facts) || !matcher.condition(facts)) return undefined;
      const observations = matcher.matched(observation, facts);
      return observations === undefined ? undefined : { detection, observations, time: observation.time };
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      failures.set(detection.name, error.message);
      return undefined;
    }
  };
  return {
    observe(observation) {
      const index = indexes.get(observation.kind);
      if (index === undefined) return [];
      const facts = factsOf(observation);
      const named = index.byName.size === 0 || observation.kind === 'audit' ? [] : namedIn(index, observation);
      const found: Finding[] = [];
      for (const entry of named.length === 0 ? index.others : [...named, ...index.others]) {
        const finding = ask(entry, observation, facts);
        if (finding !== undefined) found.push(finding);
      }
      return found;
    },
    failures: () => failures,
    forgotten: () => counters.reduce((sum, each) => sum + each(), 0),
  };
}

function addTo(indexes: Map<Kind, Index>, entry: Entry): void {
  const { kind, prefilter } = entry.matcher;
  const index: Index = indexes.get(kind) ?? { byName: new Map(), others: [] };
  indexes.set(kind, index);
  if (prefilter.names === undefined) index.others.push(entry);
  else for (const name of new Set(prefilter.names)) index.byName.set(name, [...(index.byName.get(name) ?? []), entry]);
}

function namedIn({ byName }: Index, { process }: Exclude<Observation, { kind: 'audit' }>): Entry[] {
  const entries = new Set<Entry>();
  for (const name of namesOf(process.executable, process.arguments)) for (const entry of byName.get(name) ?? []) entries.add(entry);
  return [...entries];
}
