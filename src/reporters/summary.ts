// The end of `sim run`: one table over all playbooks.
import type { Outcome, Verdict } from '../engine/events.ts';
import { type Colours, duration, table } from './format.ts';

export interface RunSummary {
  title: string;
  runId: string;
  milliseconds: number;
  exitCode: number;
  verdicts: readonly Verdict[];
  /** How many alerts of the run nothing expects. */
  unexpected: number;
  /** How many expected alerts are left to a later look. */
  later?: number;
}

const ORDER: readonly Outcome[] = ['detected', 'prevented', 'silent', 'missed', 'unexpected', 'unverified', 'not-executed'];

/** One row per playbook: outcomes counted, time, exit code. */
export function summaryText(runs: readonly RunSummary[], paint: Colours): string {
  const rows = runs.map(({ title, runId, milliseconds, exitCode, verdicts, unexpected, later = 0 }) => [
    title,
    paint.dim(runId),
    `${later > 0 ? `${later} to verify` : counts(verdicts)}${unexpected === 0 ? '' : `; ${unexpected} other alert${unexpected === 1 ? '' : 's'}`}`,
    duration(milliseconds),
    exitCode === 0 ? paint.green('exit 0') : paint.yellow(`exit ${exitCode}`),
  ]);
  return table(rows);
}

function counts(verdicts: readonly Verdict[]): string {
  const words = ORDER.flatMap((outcome) => {
    const number = verdicts.filter((verdict) => verdict.outcome === outcome).length;
    return number === 0 ? [] : [`${number} ${outcome}`];
  });
  return words.join(', ') || 'no alerts expected';
}
