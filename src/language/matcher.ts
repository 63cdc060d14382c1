// `expect`, everywhere in a playbook: one matcher map, its schema and its verdict.
import { ExpressionError } from './cel.ts';
import type { JsonSchema } from './definition.ts';
import { evaluateCel } from './expression.ts';
import { finds, patternProblem } from './regex.ts';

interface MatcherMap {
  equals?: unknown;
  contains?: unknown;
  matches?: string;
  cel?: string;
}

/** A matcher map, or a bare scalar that means `equals`. */
export type Matcher = string | number | boolean | MatcherMap;

/** The schema of a matcher, for step schemas: `{ ...matcherSchema, description: '...' }`. */
export const matcherSchema = {
  anyOf: [
    { type: ['string', 'number', 'boolean'], description: 'Equal to this value.' },
    {
      type: 'object',
      minProperties: 1,
      additionalProperties: false,
      'x-example': '{contains: [one, two]}',
      'x-instead': {
        eq: 'did you mean `equals`?',
        value: 'did you mean `equals`?',
        includes: 'did you mean `contains`?',
        regex: 'did you mean `matches`?',
        pattern: 'did you mean `matches`?',
        not: 'the opposite is written in CEL, e.g. `cel: \'!value.contains("open")\'`',
      },
      properties: {
        equals: { description: 'Equal to this value. A final line break of a text does not count.' },
        contains: {
          description: 'A text contains this text, a list contains this value; a list here means all of them.',
          anyOf: [
            { type: ['string', 'number', 'boolean'] },
            { type: 'array', minItems: 1, items: { type: ['string', 'number', 'boolean'] } },
          ],
        },
        matches: { type: 'string', format: 'kubesim-regex', description: 'A regular expression (RE2 syntax) is found in the text.' },
        cel: { type: 'string', 'x-expression': 'cel', 'x-variables': ['value'], description: 'A CEL condition over `value` is true.' },
      },
    },
  ],
} as const satisfies JsonSchema;

const LONGEST_SHOWN = 200;

/**
 * Says how a value differs from what was expected, e.g. "stdout: expected to contain `443/tcp open`, but got `...`"; undefined where it
 * matches. All keys of the matcher must hold; the answer names each that does not. A matcher that cannot be judged is a mismatch.
 */
export function mismatch(name: string, matcher: Matcher, actual: unknown): string | undefined {
  const map: MatcherMap = typeof matcher === 'object' && matcher !== null ? matcher : { equals: matcher };
  const wrong = [
    'equals' in map && !isEqual(map.equals, withoutFinalBreak(actual, map.equals)) ? `to equal ${show(map.equals)}` : undefined,
    ...('contains' in map
      ? wants(map.contains).map((wanted) => (contains(actual, wanted) ? undefined : `to contain ${show(wanted)}`))
      : []),
    map.matches === undefined ? undefined : matchesProblem(map.matches, actual),
    map.cel === undefined ? undefined : celProblem(map.cel, actual),
  ].filter((each) => each !== undefined);
  return wrong.length === 0 ? undefined : `${name}: expected ${wrong.join(' and ')}, but got ${show(actual)}`;
}

const wants = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

function withoutFinalBreak(actual: unknown, expected: unknown): unknown {
  return typeof actual === 'string' && typeof expected === 'string' && !expected.endsWith('\n') ? actual.replace(/\r?\n$/, '') : actual;
}

function contains(actual: unknown, wanted: unknown): boolean {
  if (Array.isArray(actual)) return actual.some((item) => isEqual(wanted, item));
  return isScalar(actual) && isScalar(wanted) && String(actual).includes(String(wanted));
}

function matchesProblem(pattern: string, actual: unknown): string | undefined {
  const problem = patternProblem(pattern);
  if (problem !== undefined) return `to match \`${pattern}\` (${problem})`;
  return isScalar(actual) && finds(pattern, String(actual)) ? undefined : `to match \`${pattern}\``;
}

function celProblem(cel: string, actual: unknown): string | undefined {
  try {
    const result = evaluateCel(cel, { value: actual });
    if (result === true) return undefined;
    return result === false ? `that \`${cel}\`` : `that \`${cel}\` (which gives ${show(result)}, neither true nor false)`;
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return `that \`${cel}\` (which fails: ${error.message})`;
  }
}

const isScalar = (value: unknown): value is string | number | boolean => ['string', 'number', 'boolean'].includes(typeof value);

function isEqual(expected: unknown, actual: unknown): boolean {
  if (expected === actual) return true;
  if (typeof expected !== 'object' || typeof actual !== 'object' || expected === null || actual === null) return false;
  if (Array.isArray(expected) !== Array.isArray(actual)) return false;
  const keys = Object.keys(expected);
  if (keys.length !== Object.keys(actual).length) return false;
  return keys.every(
    (key) => Object.hasOwn(actual, key) && isEqual((expected as Record<string, unknown>)[key], (actual as Record<string, unknown>)[key]),
  );
}

/** A value on one line, in backticks, cut to a readable length; text that looks like another type keeps its quotes. */
function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === '') return 'an empty text';
  const json = JSON.stringify(value) ?? String(value);
  const ambiguous = typeof value === 'string' && /^(true|false|null|-?\d+(\.\d+)?)$/.test(value);
  const line = typeof value === 'string' && !ambiguous ? json.slice(1, -1).replace(/\\"/g, '"').replace(/\\\\/g, '\\') : json;
  return line.length > LONGEST_SHOWN ? `\`${line.slice(0, LONGEST_SHOWN)}...\` (${line.length} characters)` : `\`${line}\``;
}
