// The name that somebody probably meant: nearest by edit distance.

const LONGEST = 64;
const MOST_CANDIDATES = 300;
const MOST_LISTED = 30;

/** Edits (insert, delete, replace, swap of neighbours) from one text to the other. */
function distance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1];
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[to.length] ?? 0;
}

const plain = (name: string) => name.toLowerCase().replace(/[-_ ]/g, '');

/** The candidate that `name` is probably a misspelling of; undefined where none is near (a third of its length, at most 3 edits). */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  if (name === '' || name.length > LONGEST) return undefined;
  let best: string | undefined;
  let bestDistance = Math.min(3, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    if (candidate === name || candidate.length > LONGEST) continue;
    const edits = plain(candidate) === plain(name) ? 0.5 : distance(name.toLowerCase(), candidate.toLowerCase());
    if (edits < bestDistance) [best, bestDistance] = [candidate, edits];
  }
  return best;
}

/** A hint for a diagnostic: "did you mean `x`?", else what is allowed, sorted; undefined where nothing is. */
export function hintFor(name: string, candidates: readonly string[], what: string): string | undefined {
  const some = candidates.slice(0, MOST_CANDIDATES);
  const meant = nearest(name, some);
  const listed = [...new Set(some)]
    .sort()
    .map((each) => `\`${each}\``)
    .join(', ');
  const allowed = candidates.length === 0 || candidates.length > MOST_LISTED ? undefined : `${what}: ${listed}`;
  if (meant === undefined) return allowed;
  return allowed === undefined ? `did you mean \`${meant}\`?` : `did you mean \`${meant}\`? ${allowed}`;
}
