// Sources that are told instead of asking: a queue between what comes and who reads, and what is new in it.
import type { AlertSource, SourceEvent } from '../../ports/alerts.ts';
import type { Clock } from '../../ports/clock.ts';
import type { AlertDraft } from './fields.ts';

/** Whoever reads falls this far behind only where somebody floods the source. */
const MOST_WAITING = 20_000;

export interface Pushed {
  /** Tells what is new of them; `baseline` for what was there before the source was opened. */
  alerts(drafts: readonly AlertDraft[], baseline?: boolean): void;
  heartbeat(at: number): void;
  gap(from: number, to: number, reason: string): void;
  fail(error: unknown): void;
  events: AsyncIterable<SourceEvent>;
}

/** Two alerts of one id are the same news where this is equal. */
export const stateOf = ({ times, count }: AlertDraft): string =>
  JSON.stringify([times.updated, times.last, times.generated, times.first, count]);

/** A queue that ends with the signal. */
export function pushed(source: Pick<AlertSource, 'name' | 'product'>, clock: Clock, signal: AbortSignal): Pushed {
  const { name, product } = source;
  const told = new Map<string, string>();
  const waiting: SourceEvent[] = [];
  let failure: { error: unknown } | undefined;
  let lostFrom: number | undefined;
  let wake = Promise.withResolvers<void>();
  const turn = () => {
    wake.resolve();
    wake = Promise.withResolvers<void>();
  };
  const push = (event: SourceEvent) => {
    if (waiting.length < MOST_WAITING) waiting.push(event);
    else if (event.type !== 'heartbeat') lostFrom ??= clock.now();
    turn();
  };
  signal.addEventListener('abort', turn, { once: true });

  return {
    alerts(drafts, baseline = false) {
      for (const draft of drafts) {
        const state = stateOf(draft);
        if (told.get(draft.id) === state) continue;
        told.set(draft.id, state);
        const alert = { ...draft, source: name, product, times: { ...draft.times, seen: clock.now() } };
        push({ type: 'alert', alert, ...(baseline ? { baseline: true as const } : {}) });
      }
    },
    heartbeat: (at) => push({ type: 'heartbeat', at }),
    // What is lost was lost before that was noticed, be it in the same millisecond.
    gap: (from, to, reason) => push({ type: 'gap', from: Math.min(from, to - 1), to, reason }),
    fail(error) {
      failure ??= { error };
      turn();
    },
    events: (async function* () {
      while (!signal.aborted) {
        const event = waiting.shift();
        if (event !== undefined) yield event;
        else if (lostFrom !== undefined) {
          yield { type: 'gap', from: lostFrom, to: clock.now(), reason: 'alerts came faster than they could be read' } as const;
          lostFrom = undefined;
        } else if (failure !== undefined) throw failure.error;
        else await wake.promise;
      }
    })(),
  };
}

/** Does something again and again until the signal; what it throws goes to `fail`. */
export async function every(
  clock: Clock,
  interval: number,
  signal: AbortSignal,
  work: () => Promise<void>,
  fail: (error: unknown) => void,
) {
  try {
    for (;;) {
      await clock.sleep(interval, signal);
      await work();
    }
  } catch (error) {
    if (!signal.aborted) fail(error);
  }
}
