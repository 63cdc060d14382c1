// A clock that runs, but on which every sleep is over at once: the time slept is added to what it shows.
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../src/ports/clock.ts';

export interface QuickClock extends Clock {
  /** Milliseconds of each sleep so far. */
  readonly slept: number[];
}

/** `pause`: milliseconds that a sleep really takes, where something else needs the time. */
export function quickClock(pause = 1): QuickClock {
  const slept: number[] = [];
  let skipped = 0;
  return {
    slept,
    now: () => Date.now() + skipped,
    monotonic: () => performance.now() + skipped,
    async sleep(milliseconds, signal) {
      signal?.throwIfAborted();
      const until = performance.now() + pause;
      while (performance.now() < until) await turn();
      signal?.throwIfAborted();
      slept.push(milliseconds);
      skipped += milliseconds;
    },
  };
}
