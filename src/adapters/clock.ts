// The machine's clock.
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../ports/clock.ts';

/** What a Node timer can hold; longer ones would fire at once. */
const LONGEST = 2 ** 31 - 1;

/** Wall clock, monotonic time and timers of this process. */
export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    async sleep(milliseconds, signal) {
      signal?.throwIfAborted();
      try {
        for (let rest = Math.max(0, milliseconds); ; rest -= LONGEST) {
          await delay(Math.min(rest, LONGEST), undefined, signal === undefined ? {} : { signal });
          if (rest <= LONGEST) return;
        }
      } catch (error) {
        // Node rejects with an error of its own; the caller knows the reason it gave.
        signal?.throwIfAborted();
        throw error;
      }
    },
  };
}
