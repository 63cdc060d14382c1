// How many times of a repeated attack have an alert of their own: a maximum matching, so that no occurrence counts for two of them.
import type { Sighting } from './evidence.ts';
import type { Occurrence, Span } from './occurrence.ts';
import { isWithin } from './timing.ts';

/** By augmenting paths (Kuhn): which execution gets which alert does not matter, only for how many there are enough. */
export function executionsSeen(executions: readonly Span[], sightings: readonly Sighting[], window: number): number {
  const places = sightings.flatMap(({ occurrence }) => {
    const open = executionsOf(occurrence, executions, window);
    // More than one each for all of them is never needed.
    return Array.from({ length: Math.min(occurrence.number, occurrence.most, open.length) }, () => ({ alert: occurrence.alert, open }));
  });
  const credit = new Map(sightings.map(({ occurrence }) => [keyOf(occurrence), occurrence.most]));
  const holder = new Map<number, number>();
  const give = (place: number, tried: Set<number>): boolean => {
    for (const execution of places[place]?.open ?? []) {
      if (tried.has(execution)) continue;
      tried.add(execution);
      const other = holder.get(execution);
      if (other !== undefined && !give(other, tried)) continue;
      holder.set(execution, place);
      return true;
    }
    return false;
  };
  places.forEach(({ alert }, place) => {
    const key = `${alert.source}\n${alert.id}`;
    const left = credit.get(key) ?? 0;
    if (left > 0 && give(place, new Set())) credit.set(key, left - 1);
  });
  return holder.size;
}

const keyOf = ({ alert }: Occurrence): string => `${alert.source}\n${alert.id}`;

/** Those in whose time it happened; else, and where its time is not known, those that it may still be of. */
function executionsOf(occurrence: Occurrence, executions: readonly Span[], window: number): number[] {
  const all = executions.map((span, index) => ({ span, index }));
  const own = all.filter(({ span }) => isWithin(occurrence, span));
  const open = own.length > 0 ? own : all.filter(({ span }) => mayBeOf(occurrence, span, window));
  return open.map(({ index }) => index);
}

function mayBeOf({ activity, slack, seen }: Occurrence, { from, to }: Span, window: number): boolean {
  if (seen < from || seen > to + window) return false;
  return activity === undefined || (activity.to + slack >= from && activity.from - slack <= to + window);
}
