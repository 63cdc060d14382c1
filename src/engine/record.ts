// Facts go to the run's log first, without secrets, then to whoever watches.
import type { RunLog } from '../ports/run-log.ts';
import type { Observer, RunEvent } from './events.ts';
import type { Redactor } from './redact.ts';

export interface Recorder {
  record: Observer;
  /** Resolves once the events are on the disk. Throws Failure storage. */
  recordDurably(events: readonly RunEvent[]): Promise<void>;
  /** Resolves when everything recorded so far is written. Throws the first Failure storage that `record` met. */
  flush(): Promise<void>;
}

/** `onFailure` is told at once when a line cannot be written: a run without its log must not go on. */
export function recorder(log: RunLog, redact: Redactor, observe: Observer, onFailure: (error: unknown) => void): Recorder {
  let pending: Promise<void> = Promise.resolve();
  let failure: unknown;
  const write = (event: RunEvent, durable: boolean): Promise<void> => {
    const safe = redact.value(event);
    const written = log.append(safe, { durable });
    try {
      observe(safe);
    } catch (error) {
      // Who watches must not keep the run from its cleanup.
      failure ??= error;
    }
    return written;
  };
  return {
    record(event) {
      const written = write(event, false).catch((error: unknown) => {
        failure ??= error;
        onFailure(error);
      });
      pending = Promise.all([pending, written]).then(() => undefined);
    },
    async recordDurably(events) {
      // The log keeps the order, so one flush to the disk covers them all.
      await Promise.all(events.map((event, index) => write(event, index === events.length - 1)));
    },
    async flush() {
      await pending;
      if (failure !== undefined) throw failure;
    },
  };
}
