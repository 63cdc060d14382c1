// Events that come from several sides, for one who reads them in turn.
import type { SourceEvent } from '../../ports/alerts.ts';

export interface EventQueue {
  push(event: SourceEvent): void;
  /** Ends the events with an error, after those that wait. */
  fail(error: unknown): void;
  readonly events: AsyncIterable<SourceEvent>;
}

/** Ends with the signal. */
export function eventQueue(signal: AbortSignal): EventQueue {
  const waiting: SourceEvent[] = [];
  let failure: { error: unknown } | undefined;
  let wake = Promise.withResolvers<void>();
  const turn = () => {
    wake.resolve();
    wake = Promise.withResolvers<void>();
  };
  signal.addEventListener('abort', turn, { once: true });
  return {
    push(event: SourceEvent) {
      waiting.push(event);
      turn();
    },
    fail(error: unknown) {
      failure ??= { error };
      turn();
    },
    events: (async function* (): AsyncGenerator<SourceEvent> {
      while (!signal.aborted) {
        const event = waiting.shift();
        if (event !== undefined) yield event;
        else if (failure !== undefined) throw failure.error;
        else await wake.promise;
      }
    })(),
  };
}
