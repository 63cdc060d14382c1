// Words and marks that every text reporter uses.
import pc from 'picocolors';
import type { StepEnd, Verdict } from '../engine/events.ts';

export type Colours = ReturnType<typeof pc.createColors>;

export const colours = (enabled: boolean): Colours => pc.createColors(enabled);

/** "640 ms", "2.4 s", "1 min 5 s". */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

// What a terminal would obey instead of show. Line breaks and tabs stay.
const UNSAFE = /[\p{Cf}\p{Zl}\p{Zp}]|(?![\n\t])\p{Cc}/gu;

/** Text of a pod or a cluster, made harmless for a terminal. */
export const safe = (text: string): string => text.replace(/\r\n/g, '\n').replace(UNSAFE, '\uFFFD');

/** How a step ended, in a word with its colour. */
export function stepWord({ status }: StepEnd, attack: boolean, paint: Colours): string {
  switch (status) {
    case 'succeeded':
      return paint.green('ok');
    case 'prevented':
      return paint.green('prevented');
    case 'skipped':
      return paint.dim('skipped');
    default:
      return attack ? paint.yellow('not executed') : paint.red('failed');
  }
}

/** The outcome of an expected alert, coloured as its gravity is. */
export function outcomeWord({ outcome, milliseconds }: Verdict, paint: Colours): string {
  const after = milliseconds === undefined ? '' : ` after ${duration(milliseconds)}`;
  const bad = outcome === 'missed' || outcome === 'unexpected';
  const open = outcome === 'unverified' || outcome === 'not-executed';
  return (bad ? paint.red : open ? paint.yellow : paint.green)(`${outcome}${after}`);
}

/** "falco: its clock is 1.2 s ahead of ours (± 50 ms)". */
export function clockText({ source, offset, uncertainty }: { source: string; offset: number; uncertainty: number }): string {
  const side = offset < 0 ? 'behind' : 'ahead of';
  return `${safe(source)}: its clock is ${duration(Math.abs(offset))} ${side} ours (± ${duration(uncertainty)})`;
}

/** Why a step did not end well, with what to do; empty where it did. */
export function problemText({ problem, reason, note }: StepEnd): string {
  const said = problem === undefined ? reason : problem.hint === undefined ? problem.message : `${problem.message} (${problem.hint})`;
  return safe([said, note].filter((text) => text !== undefined).join('; '));
}

/** Rows as columns that line up; the last one is left as it is. `width` measures what is seen. */
export function table(rows: readonly (readonly string[])[], gap = '  '): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => width(row[column] ?? ''))));
  return rows
    .map((row) =>
      row.map((cell, column) => (column === row.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - width(cell)))).join(gap),
    )
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

const width = (text: string): number => text.replace(/\u001b\[[0-9;]*m/g, '').length;
