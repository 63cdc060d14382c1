// The loop of every source that is asked again and again: what was there before, what is new, and when it may have missed something.
import type { AlertSource, SourceCheck, SourceEvent } from '../../ports/alerts.ts';
import type { Clock } from '../../ports/clock.ts';
import { Failure, type FailureCode } from '../../ports/failure.ts';
import { type ClockReading, clockOffset } from './clock-offset.ts';
import type { AlertDraft } from './fields.ts';
import { stateOf } from './pushed.ts';

export interface PageRequest {
  run: { id: string; namespace: string; since: number };
  /** From 0. */
  number: number;
  /** What the page before gave; absent for the first. */
  cursor?: unknown;
}

export interface Page {
  alerts: AlertDraft[];
  /** Where it goes on; absent: this was the last. */
  next?: unknown;
  clock?: ClockReading;
}

export interface Polled {
  name: string;
  product: string;
  clock: Clock;
  /** Pause between two walks, milliseconds. */
  interval: number;
  /** Pages of one walk; what lies behind is told as a gap. */
  mostPages: number;
  /** It lists only what is so now: an alert that has ended is gone. */
  forgets?: true;
  page(request: PageRequest, signal: AbortSignal): Promise<Page>;
}

/** No waiting helps: credentials, addresses and settings are wrong. */
const PERMANENT: readonly FailureCode[] = ['configuration', 'unauthorized', 'forbidden', 'not-found', 'invalid', 'conflict'];
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30_000;
/** However long a product asks us to wait. */
const LONGEST_WAIT = 15 * 60_000;
/** A source that cannot be read at all for so long is not opened. */
const OPENING = 2 * 60_000;

type Run = Parameters<AlertSource['open']>[0];

/** What a source that is polled has in common with others. */
export const pollSource = (polled: Polled): Pick<AlertSource, 'open' | 'check' | 'remembers'> => ({
  ...(polled.forgets ? {} : { remembers: true }),
  open: (run, signal) => openPolled(polled, run, signal),
  check: (signal) => checkPolled(polled, signal),
});

async function openPolled(polled: Polled, run: Run, signal: AbortSignal): Promise<AsyncIterable<SourceEvent>> {
  const { clock, interval } = polled;
  const walks = walker(polled, run, signal);
  const first: SourceEvent[] = [];
  for await (const event of walks({ baseline: true, until: clock.now() + OPENING })) first.push(event);
  return (async function* () {
    try {
      yield* first;
      for (;;) {
        await clock.sleep(interval, signal);
        yield* walks({ baseline: false });
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  })();
}

/** Walks over all pages, each time until one walk has come to its end. */
function walker(polled: Polled, run: Run, signal: AbortSignal) {
  const { clock } = polled;
  const told = new Map<string, string>();
  const offset = clockOffset();
  /** Until when it is told how well it was watched. */
  let covered = run.since;

  const gap = (to: number, reason: string): SourceEvent[] => {
    const from = covered;
    covered = Math.max(covered, to);
    return to > from ? [{ type: 'gap', from, to, reason }] : [];
  };

  async function* walk(baseline: boolean, reason: string | undefined): AsyncGenerator<SourceEvent> {
    const start = clock.now();
    let cursor: unknown;
    for (let number = 0; ; number++) {
      if (number === polled.mostPages) {
        yield* gap(clock.now(), `there are more than ${number} pages of alerts, and the rest was not read`);
        return;
      }
      const page = await polled.page({ run, number, ...(cursor === undefined ? {} : { cursor }) }, signal);
      const seen = clock.now();
      const better = page.clock === undefined ? undefined : offset(page.clock);
      if (better !== undefined) yield { type: 'clock', ...better };
      for (const draft of page.alerts) {
        const state = stateOf(draft);
        if (told.get(draft.id) === state) continue;
        told.set(draft.id, state);
        const alert = { ...draft, source: polled.name, product: polled.product, times: { ...draft.times, seen } };
        yield { type: 'alert', alert, ...(baseline ? { baseline: true } : {}) };
      }
      if (page.next === undefined) break;
      if (JSON.stringify(page.next) === JSON.stringify(cursor))
        throw new Failure('server-error', `${polled.name}: the same page of alerts comes again and again`);
      cursor = page.next;
    }
    if (reason !== undefined) yield* gap(start, reason);
    covered = Math.max(covered, start);
    yield { type: 'heartbeat', at: start };
  }

  return async function* ({ baseline, until }: { baseline: boolean; until?: number }): AsyncGenerator<SourceEvent> {
    let reason: string | undefined;
    for (let tries = 0; ; tries++) {
      try {
        yield* walk(baseline, reason);
        return;
      } catch (error) {
        if (signal.aborted || !(error instanceof Failure) || PERMANENT.includes(error.code)) throw error;
        const asked = error.details.retryAfter;
        const pause = Math.min(asked === undefined ? Math.min(FIRST_PAUSE * 2 ** tries, LONGEST_PAUSE) : asked * 1000, LONGEST_WAIT);
        if (until !== undefined && clock.now() + pause > until) throw error;
        reason = error.message;
        yield* gap(clock.now(), reason);
        await clock.sleep(pause, signal);
      }
    }
  };
}

async function checkPolled({ page, clock }: Polled, signal: AbortSignal): Promise<SourceCheck[]> {
  try {
    const run = { id: 'check', namespace: 'sim-check', since: clock.now() };
    const { alerts, next, clock: reading } = await page({ run, number: 0 }, signal);
    const count = `${alerts.length} alert${alerts.length === 1 ? '' : 's'}`;
    const checks: SourceCheck[] = [
      { title: 'Alerts', result: 'ok', message: `can be read: ${count} ${next === undefined ? 'now' : 'on the first page'}` },
    ];
    return reading === undefined ? checks : [...checks, clockCheck(reading)];
  } catch (error) {
    if (signal.aborted) throw error;
    return [failedCheck('Alerts', error)];
  }
}

/** Off by more than this, alerts seem to come before their attack. */
const SKEW = 5000;

function clockCheck(reading: ClockReading): SourceCheck {
  const { offset, uncertainty } = clockOffset()(reading) ?? { offset: 0, uncertainty: 0 };
  const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`;
  const message = `${seconds(Math.abs(offset))} ${offset < 0 ? 'behind' : 'ahead of'} ours, give or take ${seconds(uncertainty)}`;
  if (Math.abs(offset) - uncertainty < SKEW) return { title: 'Clock', result: 'ok', message };
  return { title: 'Clock', result: 'warning', message, hint: 'set one of the two clocks: times to detect are worth little so far apart' };
}

/** What a failure is as the outcome of a check. */
export function failedCheck(title: string, error: unknown): SourceCheck {
  if (!(error instanceof Failure)) throw error;
  const { hint } = error.details;
  return { title, result: 'failed', message: error.message, ...(hint === undefined ? {} : { hint }) };
}
