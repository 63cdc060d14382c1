// Makes the changes that findings propose.
import type { Diagnostic, Edit } from './diagnostic.ts';
import type { Source } from './source.ts';

const MOST_ROUNDS = 10;

/** More are left for the next round. */
const MOST_AT_ONCE = 1000;

/** The text with as many fixes as fit beside one another; a fix is made as a whole or not at all. */
export function applyFixes(text: string, diagnostics: readonly Diagnostic[]): { text: string; fixed: number } {
  const chosen: Edit[] = [];
  let fixed = 0;
  for (const { fix } of diagnostics) {
    if (fix === undefined || fix.length === 0 || fixed === MOST_AT_ONCE) continue;
    if (fix.some((edit) => isAnchored(text, edit) || chosen.some((other) => edit.start <= other.end && other.start <= edit.end))) continue;
    chosen.push(...fix);
    fixed++;
  }
  const pieces: string[] = [];
  let at = 0;
  for (const { start, end, text: replacement } of chosen.sort((a, b) => a.start - b.start)) {
    pieces.push(text.slice(at, start), replacement);
    at = end;
  }
  return { text: [...pieces, text.slice(at)].join(''), fixed };
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
