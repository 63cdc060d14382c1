// What an alert says happened since the attacks began: a product folds many occurrences into one alert, and updates it.
import type { NormalisedAlert } from '../ports/alerts.ts';
import type { ClockOffset, ToldAlert } from './watched.ts';

/** Something that an alert says happened; times in milliseconds since the Unix epoch, by our clock. */
export interface Occurrence {
  /** The state of the alert that told it. */
  alert: NormalisedAlert;
  /** How many happened in this time; they cannot be told apart. */
  number: number;
  /** At the most so many occurrences of the whole alert count: a product that only moves a time on says nothing of how often. */
  most: number;
  /** When it happened; absent where the product does not say. */
  activity?: Span;
  /** How far `activity` may be wrong; infinite where the product's clock was not measured. */
  slack: number;
  /** Start of the process by its node's kernel. */
  started?: number;
  generated?: number;
  seen: number;
}

export interface Span {
  from: number;
  to: number;
}

/** Milliseconds by which a measured clock may be wrong beside its uncertainty: our own times are whole milliseconds. */
const ROUNDING = 1;
const SECOND = 1000;

interface Known {
  exists: boolean;
  count: number;
  last: number;
  updated: number;
}

/**
 * The occurrences that are new since the baseline, from all states of one alert in any order: a new alert, or one whose count, last activity or
 * (where it has no times of activity) last update has gone on. A state told twice says nothing new.
 */
export function occurrencesOf(states: readonly ToldAlert[], clock: ClockOffset | undefined): Occurrence[] {
  const known: Known = { exists: false, count: 0, last: Number.NEGATIVE_INFINITY, updated: Number.NEGATIVE_INFINITY };
  for (const { alert } of states.filter(({ baseline }) => baseline)) remember(known, alert);
  const before = known.count;
  const fresh = states.filter(({ baseline }) => !baseline).map(({ alert }) => alert);
  fresh.sort((a, b) => a.times.seen - b.times.seen || countOf(a) - countOf(b) || lastOf(a) - lastOf(b));
  const most = Math.max(1, Math.max(before, ...fresh.map(countOf)) - before);
  return fresh.flatMap((alert) => {
    const news = newsIn(alert, known);
    remember(known, alert);
    return news.map(({ number, span, isFirst }) => occurrence(alert, number, span, isFirst, most, clock));
  });
}

interface News {
  number: number;
  /** By the product's clock. */
  span: Span | undefined;
  isFirst: boolean;
}

function newsIn(alert: NormalisedAlert, known: Known): News[] {
  const { first, last = first, updated } = alert.times;
  if (!known.exists) {
    const from = first ?? last;
    if (from === undefined || last === undefined) return [{ number: countOf(alert), span: undefined, isFirst: true }];
    const span = { from: Math.min(from, last), to: Math.max(from, last) };
    return within(span, countOf(alert)).map((news) => ({ ...news, isFirst: true }));
  }
  const more = Math.max(0, countOf(alert) - known.count);
  const goesOn = last === undefined ? updated !== undefined && updated > known.updated : last > known.last;
  const number = Math.max(more, goesOn ? 1 : 0);
  if (number === 0) return [];
  if (last === undefined || !goesOn) return [{ number, span: undefined, isFirst: false }];
  // The newest happened at the last activity, the others somewhere since what was known.
  const from = Number.isFinite(known.last) ? known.last : (first ?? last);
  const rest = number > 1 ? [{ number: number - 1, span: { from: Math.min(from, last), to: last } }] : [];
  return [{ number: 1, span: { from: last, to: last } }, ...rest].map((news) => ({ ...news, isFirst: false }));
}

/** Of several, one happened at each end; of a single one it is not known where within. */
function within({ from, to }: Span, number: number): { number: number; span: Span }[] {
  if (number === 1 || from === to) return [{ number, span: { from, to } }];
  const ends = [from, to].map((at) => ({ number: 1, span: { from: at, to: at } }));
  return number === 2 ? ends : [...ends, { number: number - 2, span: { from, to } }];
}

function occurrence(
  alert: NormalisedAlert,
  number: number,
  span: Span | undefined,
  isFirst: boolean,
  most: number,
  clock: ClockOffset | undefined,
): Occurrence {
  const { generated, updated, started, seen } = alert.times;
  const offset = clock?.offset ?? 0;
  const made = isFirst ? generated : updated;
  return {
    alert,
    number,
    most,
    slack: clock === undefined ? Number.POSITIVE_INFINITY : clock.uncertainty + ROUNDING,
    seen,
    ...(span === undefined ? {} : { activity: { from: span.from - offset, to: endOf(span.to) - offset } }),
    ...(made === undefined ? {} : { generated: made - offset }),
    ...(started === undefined || !isFirst ? {} : { started: started - offset }),
  };
}

/** A time in whole seconds was cut: what it means ended somewhere in that second. */
const endOf = (time: number): number => (time % SECOND === 0 ? time + SECOND - 1 : time);

const countOf = ({ count }: NormalisedAlert): number => (Number.isFinite(count) ? Math.max(1, Math.trunc(count)) : 1);

const lastOf = ({ times }: NormalisedAlert): number => times.last ?? times.first ?? Number.NEGATIVE_INFINITY;

function remember(known: Known, alert: NormalisedAlert): void {
  known.exists = true;
  known.count = Math.max(known.count, countOf(alert));
  known.last = Math.max(known.last, lastOf(alert));
  known.updated = Math.max(known.updated, alert.times.updated ?? Number.NEGATIVE_INFINITY);
}
