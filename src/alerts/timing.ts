// Whether an occurrence can be that of an attack, by the times alone.
import type { Occurrence, Span } from './occurrence.ts';
import { knownAt, type WatchedSource } from './watched.ts';

/** True where it is known to have happened in the span, as far as the product's clock tells. */
export function isWithin({ activity, slack }: Occurrence, { from, to }: Span): boolean {
  return activity !== undefined && Number.isFinite(slack) && activity.to + slack >= from && activity.from - slack <= to;
}

/**
 * Undefined where it may be of an attack at `span` and came within `window` after it. What is seen after the window is late only where the source
 * had told all of the window before, or the product says that it made it later: a slow source is not the detection's fault.
 */
export function outOfTime(
  { activity, slack, generated, seen }: Occurrence,
  span: Span,
  window: number,
  source: WatchedSource,
): 'too early' | 'too late' | undefined {
  const deadline = span.to + window;
  if (seen < span.from) return 'too early';
  if (activity !== undefined && activity.to + slack < span.from) return 'too early';
  if (activity !== undefined && activity.from - slack > deadline) return 'too late';
  if (generated !== undefined && generated - slack > deadline) return 'too late';
  return seen > knownAt(source, deadline) ? 'too late' : undefined;
}
