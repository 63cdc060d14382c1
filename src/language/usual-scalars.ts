// Scalars for the fast reader of YAML: their patterns, and what they mean by the core schema of YAML 1.2.

/** A plain key and its colon. */
export const KEY = /([A-Za-z0-9_][A-Za-z0-9_./-]*):(?=[ \n])/y;
/** On one line; escapes of double quotes that need no table. */
export const QUOTED = /"(?:[^"\\\n]|\\["\\/nrt])*"|'(?:[^'\n]|'')*'/y;
/** To the end of the line, a comment or a `: `, which must not follow. */
export const PLAIN = /(?:[^\s\-?:,[\]{}#&*!|>'"%@`]|-(?=[^ \n]))(?:[^\n:#]|:(?=[^ \n])|(?<! )#)*/y;
export const FLOW_PLAIN = /(?:[^\s\-?:,[\]{}#&*!|>'"%@`]|-(?=[^ \n,[\]{}]))(?:[^\n:#,[\]{}]|:(?=[^ \n,[\]{}])|(?<! )#)*/y;

/** Thrown, as itself, where the reader gives up. */
export function unusual(): never {
  throw unusual;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

export function quotedValue([written]: RegExpExecArray): string {
  const inside = written.slice(1, -1);
  if (written[0] === "'") return inside.includes("'") ? inside.replaceAll("''", "'") : inside;
  return inside.includes('\\') ? inside.replace(/\\(.)/g, (_, letter: string) => ESCAPES[letter] ?? letter) : inside;
}

const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ...['~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, false] as const),
]);
const USUAL_NUMBER = /^[-+]?[0-9]{1,15}(?:\.[0-9]{1,15})?$/;
/** Everything that could be a number. */
const NUMBER = /^(?:[-+]?(?:[0-9.]+(?:e[-+]?[0-9]*)?|\.inf|\.nan)|0[ox][0-9a-f]*)$/i;

export function plainValue(text: string): unknown {
  if (text.length < 6 && WORDS.has(text)) return WORDS.get(text);
  const first = text.charCodeAt(0);
  // Digits, and + - . before them; the slash between them does no harm.
  if (first < 43 || first > 57) return text;
  if (USUAL_NUMBER.test(text)) return Number(text);
  return NUMBER.test(text) ? unusual() : text;
}
