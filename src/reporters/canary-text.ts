// What came of the canary: a line for each source.
import type { Verdict } from '../engine/events.ts';
import { type Colours, outcomeWord, safe, table } from './format.ts';

/** Whether each source showed the alert, how fast, and else why not. */
export function canaryText(verdicts: readonly Verdict[], paint: Colours): string {
  const rows = verdicts.map((verdict) => {
    const { expectation, reason, evidence = [] } = verdict;
    const name = evidence[0]?.name;
    const why = verdict.outcome === 'detected' && name !== undefined ? `"${name}"` : reason;
    return [`  ${safe(expectation.source ?? '-')}`, outcomeWord(verdict, paint), paint.dim(safe(why))];
  });
  return `${paint.bold('Canary')}\n${table(rows)}`;
}
