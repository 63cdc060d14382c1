// A clock that stands still until a test moves it.
import type { Clock } from '../../src/ports/clock.ts';

export interface FakeClock extends Clock {
  /** Moves time on; sleeps that end on the way resolve. */
  advance(milliseconds: number): void;
  /** How many sleep. */
  sleepers(): number;
}

/** Starts at 1,000,000 ms since the epoch. */
export function fakeClock(): FakeClock {
  let now = 1_000_000;
  const sleeping = new Set<{ until: number; wake(): void }>();
  return {
    now: () => now,
    monotonic: () => now,
    sleep: (milliseconds, signal) =>
      new Promise<void>((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const stop = () => {
          sleeping.delete(sleeper);
          reject(signal?.reason);
        };
        const sleeper = {
          until: now + milliseconds,
          wake() {
            sleeping.delete(sleeper);
            signal?.removeEventListener('abort', stop);
            resolve();
          },
        };
        sleeping.add(sleeper);
        signal?.addEventListener('abort', stop, { once: true });
      }),
    advance(milliseconds) {
      now += milliseconds;
      for (const sleeper of [...sleeping]) if (sleeper.until <= now) sleeper.wake();
    },
    sleepers: () => sleeping.size,
  };
}
