// Makes the changes that findings propose.
import type { Diagnostic, Edit } from './diagnostic.ts';
import type { Source } from './source.ts';

const MOST_ROUNDS = 10;

/** The text with as many fixes as fit beside one another; a fix is made as a whole or not at all. */
export function applyFixes(text: string, diagnostics: readonly Diagnostic[]): { text: string; fixed: number } {
  const chosen: Edit[] = [];
  let fixed = 0;
  for (const { fix } of diagnostics) {
    if (fix === undefined || fix.length === 0) continue;
    if (fix.some((edit) => isAnchored(text, edit) || chosen.some((other) => edit.start <= other.end && other.start <= edit.end))) continue;
    chosen.push(...fix);
    fixed++;
  }
  let result = text;
  for (const { start, end, text: replacement } of chosen.sort((a, b) => b.start - a.start))
    result = result.slice(0, start) + replacement + result.slice(end);
  return { text: result, fixed };
}

/** What stands behind an anchor is read in other places too. */
const isAnchored = (text: string, { start }: Edit): boolean => /&\S+[ \t\r\n]+$/.test(text.slice(Math.max(0, start - 200), start));

/** Fixes and checks again until nothing is left to fix. */
export function fixAll(source: Source, check: (source: Source) => readonly Diagnostic[]): { source: Source; fixed: number } {
  let now = source;
  let total = 0;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const { text, fixed } = applyFixes(now.text, check(now));
    if (fixed === 0) break;
    now = { ...now, text };
    total += fixed;
  }
  return { source: now, fixed: total };
}
