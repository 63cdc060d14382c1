// From offsets in a text to lines, columns and the excerpt that a person reads.
import type { Diagnostic, Severity, Span } from './diagnostic.ts';

/** A text with a name: the file as the user gave it, or "-" for standard input. */
export interface Source {
  name: string;
  text: string;
}

/** A diagnostic with its place worked out, as reporters print it. Lines and columns count from 1, columns in UTF-16 units. */
export interface Finding {
  file: string;
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
  severity: Severity;
  rule: string;
  message: string;
  hint?: string;
  /** The source line of the start, and which part of it to underline (offset and length within the excerpt). */
  excerpt: { text: string; start: number; length: number };
}

const EXCERPT_WIDTH = 160;

/** Start offset of every line; a line ends with LF (a CR before it belongs to the line end). */
function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** Index of the last line that starts at or before the offset. */
function lineOf(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The part of a line around the place, as wide as people read; what is cut off is marked. */
function excerptOf(line: string, from: number, to: number): Finding['excerpt'] {
  const cut = from > EXCERPT_WIDTH - 40 ? whole(line, from - 40) : 0;
  const end = whole(line, Math.min(line.length, cut + EXCERPT_WIDTH));
  const [before, after] = [cut > 0 ? '…' : '', end < line.length ? '…' : ''];
  const text = before + line.slice(cut, end) + after;
  const start = Math.min(from - cut + before.length, text.length);
  return { text, start, length: Math.max(1, Math.min(to, end) - cut + before.length - start) };
}

/** An offset that stands before a whole character. */
const whole = (line: string, at: number): number => (/[\uDC00-\uDFFF]/.test(line[at] ?? '') ? at - 1 : at);

/** Puts a span inside the text, start before end. */
export function clampSpan(span: Span, length: number): Span {
  const start = Math.min(Math.max(0, span.start), length);
  return { start, end: Math.min(Math.max(start, span.end), length) };
}

/** Works out the place of each diagnostic, sorted by position, without repetitions. */
export function locate(source: Source, diagnostics: readonly Diagnostic[]): Finding[] {
  const { name, text } = source;
  const starts = lineStarts(text);
  const seen = new Set<string>();
  const findings: Finding[] = [];
  for (const { span, severity, rule, message, hint } of [...diagnostics].sort((a, b) => a.span.start - b.span.start)) {
    const key = JSON.stringify([span.start, rule, message]);
    if (seen.has(key)) continue;
    seen.add(key);
    const { start, end } = clampSpan(span, text.length);
    const line = lineOf(starts, start);
    const endLine = lineOf(starts, Math.max(start, end - 1));
    const lineStart = starts[line] ?? 0;
    const lineEnd = (starts[line + 1] ?? text.length + 1) - 1;
    const content = text.slice(lineStart, text[lineEnd - 1] === '\r' ? lineEnd - 1 : lineEnd);
    // A byte-order mark has no width on the screen and is no column for editors.
    const mark = lineStart === 0 && text.startsWith('\uFEFF') ? 1 : 0;
    findings.push({
      file: name,
      line: line + 1,
      column: Math.max(0, start - lineStart - mark) + 1,
      endLine: endLine + 1,
      endColumn: Math.max(0, end - (starts[endLine] ?? 0) - (endLine === 0 ? mark : 0)) + 1,
      severity,
      rule,
      message,
      ...(hint === undefined ? {} : { hint }),
      excerpt: excerptOf(content.slice(mark), Math.max(0, start - lineStart - mark), Math.max(0, end - lineStart - mark)),
    });
  }
  return findings;
}
