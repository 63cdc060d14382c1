// What one alert source has told so far, and whether it watched all the time.
import type { Capability, NormalisedAlert } from '../ports/alerts.ts';

/** One state of an alert, as it was told. */
export interface ToldAlert {
  alert: NormalisedAlert;
  /** Whether it was so before the attack. */
  baseline: boolean;
}

export interface Gap {
  from: number;
  to: number;
  reason: string;
}

/** The product's clock minus ours, and how far that may be wrong, milliseconds. */
export interface ClockOffset {
  offset: number;
  uncertainty: number;
}

/** Times in milliseconds since the Unix epoch, by our clock. */
export interface WatchedSource {
  name: string;
  product: string;
  capabilities: readonly Capability[];
  window: number;
  alerts: ToldAlert[];
  gaps: Gap[];
  /** Absent where it was not measured. */
  clock?: ClockOffset;
  /** `at`: until when all is told; `told`: when it said so. Both only grow. */
  heartbeats: { at: number; told: number }[];
  /** Set when its stream ended, by itself or by an error. */
  endedAt?: number;
}

/** Until when it has told all that the product had made visible. */
const watchedUntil = ({ heartbeats }: WatchedSource): number => heartbeats.at(-1)?.at ?? Number.NEGATIVE_INFINITY;

/** When it was known that everything visible until `deadline` had been told: what is seen later than this came later. */
export function knownAt({ heartbeats }: WatchedSource, deadline: number): number {
  const first = heartbeats.find(({ at }) => at >= deadline);
  return first === undefined ? Number.POSITIVE_INFINITY : Math.max(deadline, first.told);
}

/** Why it cannot be said that it watched from `from` to `to` without a gap; undefined where it can. */
export function notWatched(source: WatchedSource, from: number, to: number): string | undefined {
  const { name, gaps, endedAt } = source;
  const gap = gaps.find((each) => each.to >= from && each.from <= to);
  if (gap !== undefined) return `${name} had a gap: ${gap.reason}`;
  const until = watchedUntil(source);
  if (until >= to) return undefined;
  if (endedAt !== undefined) return `${name} did not watch for the whole window`;
  return until < from
    ? `${name} gave no sign that it watched`
    : `${name} gave no sign that it watched longer than ${(until - from) / 1000} s after the attack began`;
}
