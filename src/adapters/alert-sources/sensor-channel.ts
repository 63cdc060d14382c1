// One stream of a sensor's records: nothing twice, and whatever is missing said. It does no IO; times that come in and go out are by our clock,
// where nothing else is said.
import type { Capability } from '../../ports/alerts.ts';
import type { Observation } from '../../ports/observations.ts';
import { readSensorRecord, type SensorRecord } from './sensor-records.ts';

export interface SensorGap {
  from: number;
  to: number;
  reason: string;
}

/** What a line of the stream means. */
export interface Told {
  observation?: Observation;
  gap?: SensorGap;
  heartbeat?: true;
}

export interface SensorChannel {
  /** A line that was received now. */
  take(line: string, now: number): Told;
  /** The log was asked for at `sent`, and gave its first line at `now`. */
  answered(sent: number, now: number): void;
  /** A gap where the last heartbeat came more than three seconds ago. */
  silence(now: number, reason?: string): SensorGap | undefined;
  /** Until when everything is told, or said to be missing. */
  covered(): number;
  /** When the last heartbeat came. */
  heard(): number | undefined;
  /** From when on the log must be read again after the stream broke, by the node's clock; undefined where nothing was read yet. */
  resumeFrom(): number | undefined;
  /** Bounds of the node's clock minus ours; undefined until a heartbeat came that was not in the log before. */
  clock(): { low: number; high: number } | undefined;
  /** Our time when the node's clock said `time`, or later than that. */
  notAfter(time: number): number;
  capabilities(): readonly Capability[];
}

/** A heartbeat comes every second. */
const SILENCE = 3000;
/** The node's runtime stamps a line a moment after the sensor did. */
const OVERLAP = 1000;
/** Of what was written before the log was asked for, whole seconds come at once; on a stream that is followed they come as they were written. */
const FASTEST = 2;

/** `name`: "the sensor on node n1". `since`: from when on it has to tell. */
export function sensorChannel(name: string, since: number): SensorChannel {
  let covered = since;
  let heard: number | undefined;
  let last: { instance: string; seq: number } | undefined;
  let beat: { time: number; lost: number; at: number } | undefined;
  let capabilities: readonly Capability[] = [];
  let unreadable: string | undefined;
  // The node's clock minus ours is at least `low`, as no record comes before it was written; and more than that by no more than the way takes.
  // Of the last minute only: a clock may be set. A record that lay in the log when that was asked for was on its way for nobody knows how long.
  let low: number | undefined;
  let isMeasured = false;
  const latest: number[] = [];
  let way = Number.POSITIVE_INFINITY;

  const missing = (to: number, reason: string): SensorGap => {
    const gap = { from: Math.min(covered, to), to, reason };
    covered = Math.max(covered, to);
    return gap;
  };

  /** Whether the record is new, and what is missing before it. */
  const place = ({ instance, seq }: SensorRecord, now: number): { isNew: boolean; gap?: SensorGap } => {
    if (last === undefined || last.instance !== instance) {
      const restarted = last !== undefined;
      last = { instance, seq };
      beat = undefined;
      return { isNew: true, ...(restarted ? { gap: missing(now, `${name} was started anew`) } : {}) };
    }
    if (seq <= last.seq) return { isNew: false };
    const skipped = seq - last.seq - 1;
    last = { instance, seq };
    if (skipped === 0) return { isNew: true };
    const why = unreadable === undefined ? '' : `, one of which could not be read: ${unreadable}`;
    unreadable = undefined;
    return { isNew: true, gap: missing(now, `${count(skipped, 'record')} of ${name} did not come${why}`) };
  };

  return {
    take(line, now) {
      // What the program says on its other output.
      if (!line.startsWith('{')) return {};
      const record = readSensorRecord(line);
      if (record.type === 'unreadable') {
        unreadable = record.reason;
        return {};
      }
      const { isNew, gap } = place(record, now);
      if (!isNew) return {};
      const told: Told = gap === undefined ? {} : { gap };
      if (record.type === 'observation') return { ...told, observation: record.observation };
      capabilities = record.capabilities;
      if (record.type === 'start') return told;
      const lost = record.lost - (beat?.lost ?? record.lost);
      isMeasured ||= beat !== undefined && (now - beat.at) * FASTEST >= record.time - beat.time;
      beat = { time: record.time, lost: record.lost, at: now };
      latest.push(record.time - now);
      if (latest.length > 60) latest.shift();
      low = Math.max(...latest);
      heard = now;
      const more = lost > 0 ? missing(now, `${name} lost ${count(lost, 'event')}`) : undefined;
      // By the latest that the node's clock may be behind: it is not known to be later.
      if (isMeasured) covered = Math.max(covered, record.complete - low - (Number.isFinite(way) ? way : 0));
      const both =
        gap !== undefined && more !== undefined ? { ...more, from: gap.from, reason: `${gap.reason}; ${more.reason}` } : (more ?? gap);
      return { heartbeat: true, ...(both === undefined ? {} : { gap: both }) };
    },
    answered(sent, now) {
      way = Math.min(way, now - sent);
    },
    silence(now, reason) {
      const silent = now - (heard ?? since);
      if (silent <= SILENCE || now <= covered) return undefined;
      return missing(now, reason ?? `${name} gave no heartbeat for ${(silent / 1000).toFixed(0)} s`);
    },
    covered: () => covered,
    heard: () => heard,
    resumeFrom: () => (beat === undefined ? undefined : beat.time - OVERLAP),
    clock: () => (low === undefined || !isMeasured || !Number.isFinite(way) ? undefined : { low, high: low + way }),
    notAfter: (time) => time - (low ?? 0),
    capabilities: () => capabilities,
  };
}

const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;
