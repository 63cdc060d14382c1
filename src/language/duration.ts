// Durations as playbooks write them: `500ms`, `90s`, `1m30s`, `2h`.
import type { JsonSchema } from './definition.ts';

const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };
const PART = /(\d+(?:\.\d+)?)(ms|h|m|s)/y;

/** Each unit at most once, from large to small. Editors check it as a pattern. */
export const DURATION_PATTERN = '^(?=\\d)(\\d+(\\.\\d+)?h)?(\\d+(\\.\\d+)?m)?(\\d+(\\.\\d+)?s)?(\\d+(\\.\\d+)?ms)?$';

/** Longest duration that is accepted, milliseconds: what a Node timer can hold. */
const LONGEST = 2 ** 31 - 1;

/** Milliseconds of `1m30s` and the like, rounded; undefined where the text is no duration (a bare number has no unit) or above 24 days. */
export function parseDuration(text: string): number | undefined {
  if (text.length > 40 || !new RegExp(DURATION_PATTERN).test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(new RegExp(PART, 'g'))) total += Number(amount) * (UNITS[unit ?? ''] ?? 0);
  const rounded = Math.round(total);
  return rounded <= LONGEST ? rounded : undefined;
}

/** The schema for a duration, to be used in step schemas: `{ ...durationSchema, description: '...' }`. */
export const durationSchema = { type: 'string', format: 'kubesim-duration', examples: ['90s', '1m30s'] } as const satisfies JsonSchema;

/** What is wrong with a value that is no duration, ready to follow the name of its key. */
export function durationProblem(value: unknown): string {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0)
    return `is a bare number without a unit; write \`${value}s\` for seconds or \`${value}ms\` for milliseconds`;
  if (typeof value === 'string' && /^\d+(\.\d+)?$/.test(value)) return `has no unit; write \`${value}s\` for seconds`;
  const meant = typeof value === 'string' ? shortened(value) : undefined;
  return `must be a duration such as \`90s\`, \`1m30s\` or \`500ms\`${meant === undefined ? '' : `; write \`${meant}\``}`;
}

const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^h(ou)?rs?$/, 'h'],
  [/^min(ute)?s?$/, 'm'],
  [/^sec(ond)?s?$/, 's'],
  [/^milli(second)?s?$|^msecs?$/, 'ms'],
];

/** `5 min` and `1H 30M` as `5m` and `1h30m`; undefined where that gives no duration. */
function shortened(text: string): string | undefined {
  if (text.length > 40) return undefined;
  const unit = (word: string) => WORDS.find(([pattern]) => pattern.test(word))?.[1] ?? word;
  const short = text
    .toLowerCase()
    .replace(/[\s,]+/g, '')
    .replace(/[a-z]+/g, unit);
  return short !== text && parseDuration(short) !== undefined ? short : undefined;
}
