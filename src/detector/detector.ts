// Observations in, findings out. It does no IO and knows no time but that of the observations.
import { ExpressionError } from '../language/cel.ts';
import type { Observation } from '../ports/observations.ts';
import type { Detection, Kind } from './detection.ts';
import type { Facts } from './facts.ts';
import { matchersOf } from './matcher.ts';
import { type Entry, indexOf } from './rule-index.ts';

/** What is told of a rule beside its finding. `alert` is empty for a rule of others. */
export type Rule = Pick<Detection, 'id' | 'name' | 'title' | 'level' | 'tags' | 'alert'>;

/** A rule that came true. */
export interface Finding {
  detection: Rule;
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

/** Throws ExpressionError where a condition is none; loadDetection finds that before. */
export function createDetector(detections: readonly Detection[]): Detector {
  const failures = new Map<string, string>();
  const ready = detections.map((detection) => ({ detection, ...matchersOf(detection) }));
  const entries = ready.flatMap(({ detection, matchers }): Entry[] => matchers.map((matcher) => ({ detection, matcher })));
  const indexes = new Map(
    [...Map.groupBy(entries, ({ matcher }) => matcher.kind)].map(([kind, some]): [Kind, ReturnType<typeof indexOf>] => [
      kind,
      indexOf(some),
    ]),
  );
  const ask = ({ detection, matcher }: Entry, observation: Observation, facts: Facts): Finding[] => {
    try {
      const observations = matcher.condition(facts) ? matcher.matched(observation, facts) : undefined;
      return observations === undefined ? [] : [{ detection, observations, time: observation.time }];
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      failures.set(detection.name, error.message);
      return [];
    }
  };
  return {
    observe(observation) {
      const concerned = indexes.get(observation.kind)?.candidates(observation);
      return concerned === undefined ? [] : concerned.entries.flatMap((entry) => ask(entry, observation, concerned.facts));
    },
    failures: () => failures,
    forgotten: () => ready.reduce((sum, { forgotten }) => sum + forgotten(), 0),
  };
}
