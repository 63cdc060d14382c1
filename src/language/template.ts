// Finds the `${{ }}` in a text, with offsets.

/** A text in pieces: plain text, or an expression with its place (`start` is where the expression itself begins, after `${{`). */
export type Piece = { text: string } | { expression: string; start: number; outer: { start: number; end: number } };

/** An opened `${{` that is never closed. */
interface Unclosed {
  start: number;
}

export const hasExpression = (text: string): boolean => text.includes('${{');

/** True where the whole text is one expression, so that its value keeps its type. */
export function isWholeExpression(pieces: readonly Piece[]): boolean {
  return pieces.length === 1 && pieces[0] !== undefined && 'expression' in pieces[0];
}

/** True where the text, expressions and all, is one expression and nothing else. */
export function isOneExpression(text: string): boolean {
  const pieces = parseTemplate(text);
  return Array.isArray(pieces) && isWholeExpression(pieces);
}

/** Splits a text into pieces. A `}}` inside a CEL string or a CEL map does not close. */
export function parseTemplate(text: string): Piece[] | Unclosed {
  const pieces: Piece[] = [];
  let at = 0;
  for (let open = text.indexOf('${{'); open !== -1; open = text.indexOf('${{', at)) {
    const close = closing(text, open + 3);
    if (close === undefined) return { start: open };
    if (open > at) pieces.push({ text: text.slice(at, open) });
    pieces.push({ expression: text.slice(open + 3, close), start: open + 3, outer: { start: open, end: close + 2 } });
    at = close + 2;
  }
  if (at < text.length || pieces.length === 0) pieces.push({ text: text.slice(at) });
  return pieces;
}

function closing(text: string, from: number): number | undefined {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === '"' || character === "'") {
      const end = endOfString(text, at, character);
      if (end === undefined) return undefined;
      at = end;
    } else if (character === '{') depth++;
    else if (character === '}') {
      if (depth === 0 && text[at + 1] === '}') return at;
      depth = Math.max(0, depth - 1);
    }
  }
  return undefined;
}

/** Offset of the last character of the CEL string that begins at `at`. */
function endOfString(text: string, at: number, quote: string): number | undefined {
  const raw = /(?:^|[^A-Za-z0-9_])(?:r|R|br|rb|bR|Rb|BR|RB|Br|rB)$/.test(text.slice(Math.max(0, at - 3), at));
  const mark = text.startsWith(quote.repeat(3), at) ? quote.repeat(3) : quote;
  for (let end = at + mark.length; end < text.length; end++) {
    if (text[end] === '\\' && !raw) end++;
    else if (text.startsWith(mark, end)) return end + mark.length - 1;
  }
  return undefined;
}
