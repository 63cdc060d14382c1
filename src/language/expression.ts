// Evaluates what a playbook says: `${{ }}` in any text, bare CEL in conditions.
import { ExpressionError, parseCel } from './cel.ts';
import { hasExpression, isWholeExpression, parseTemplate } from './template.ts';

/** What expressions can read. `run` is RunFacts of steps/step.ts; `steps` holds the outputs of the steps that ran. */
export interface Scope {
  inputs?: Readonly<Record<string, unknown>>;
  variables?: Readonly<Record<string, unknown>>;
  steps?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  run?: object;
  /** What an attempt yielded, in the `until` of a retry. */
  outputs?: Readonly<Record<string, unknown>>;
}

const DEEPEST = 60;

/**
 * Resolves every `${{ }}` in a nested value. A text that is exactly one expression becomes that expression's value, with its type;
 * anything else stays text. Returns a new value (maps without a prototype). Throws ExpressionError with offsets inside the text.
 */
export function evaluate(value: unknown, scope: Scope): unknown {
  return evaluateAt(value, scope, 0);
}

/** A condition: bare CEL that must give true or false. Throws ExpressionError. */
export function evaluateCondition(cel: string, scope: Scope): boolean {
  const result = runCel(cel, scope, 0);
  if (typeof result !== 'boolean')
    throw new ExpressionError(`a condition must give true or false, but this gives ${describe(result)}`, 0, cel.length);
  return result;
}

/** Bare CEL over named values, e.g. `value` of a matcher or `alert`. Throws ExpressionError. */
export function evaluateCel(cel: string, variables: Readonly<Record<string, unknown>>): unknown {
  const bound: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(variables)) bound[name] = toCel(value, 0);
  return fromCel(parseCel(cel).run(bound), 0);
}

/** Variables of a playbook, in their order: each may use inputs, run facts and the variables above it. Throws ExpressionError. */
export function resolveVariables(
  variables: Readonly<Record<string, unknown>>,
  scope: Omit<Scope, 'variables' | 'steps'>,
): Record<string, unknown> {
  const resolved: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(variables)) resolved[name] = evaluate(value, { ...scope, variables: resolved });
  return resolved;
}

function evaluateAt(value: unknown, scope: Scope, depth: number): unknown {
  if (typeof value === 'string') return hasExpression(value) ? evaluateText(value, scope) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (depth > DEEPEST) throw new ExpressionError('the value is nested too deeply');
  if (Array.isArray(value)) return value.map((item) => evaluateAt(item, scope, depth + 1));
  return mapValues(value, (item) => evaluateAt(item, scope, depth + 1));
}

function evaluateText(text: string, scope: Scope): unknown {
  const pieces = parseTemplate(text);
  if (!Array.isArray(pieces)) throw new ExpressionError('`${{` is not closed by `}}`', pieces.start, pieces.start + 3);
  const whole = isWholeExpression(pieces);
  const values = pieces.map((piece) => {
    if ('text' in piece) return piece.text;
    const value = runCel(piece.expression, scope, piece.start);
    return whole ? value : asText(value, piece.outer);
  });
  return whole ? values[0] : values.join('');
}

function runCel(expression: string, scope: Scope, offset: number): unknown {
  try {
    const cel = parseCel(expression);
    const variables: Record<string, Record<string, unknown>> = Object.create(null);
    for (const { root, path } of cel.references) {
      const group = (scope as Record<string, Record<string, unknown> | undefined>)[root];
      if (group === undefined || !Object.hasOwn(scope, root)) continue;
      variables[root] ??= Object.create(null) as Record<string, unknown>;
      // Only what is read is converted: a step's output may be large.
      for (const name of path[0] === undefined ? Object.keys(group) : [path[0]]) {
        if (Object.hasOwn(group, name)) variables[root][name] = toCel(group[name], 0);
      }
    }
    return fromCel(cel.run(variables), 0);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const step = /^no such key: (\w+)$/.exec(error.message)?.[1];
    const isStep = step !== undefined && expression.slice(0, error.end).endsWith(`steps.${step}`);
    const message = isStep ? `the step \`${step}\` has no outputs: it did not run or was skipped` : error.message;
    throw new ExpressionError(message, error.start + offset, error.end + offset);
  }
}

function asText(value: unknown, place: { start: number; end: number }): string {
  if (value === null || value === undefined)
    throw new ExpressionError('an expression inside a text gives nothing (null)', place.start, place.end);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function mapValues(value: object, change: (item: unknown) => unknown): Record<string, unknown> {
  const result: Record<string, unknown> = Object.create(null);
  for (const [key, item] of Object.entries(value)) result[key] = change(item);
  return result;
}

/** JavaScript's whole numbers are ints in CEL, which it takes as BigInt; undefined is null. */
function toCel(value: unknown, depth: number): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (value === undefined) return null;
  if (typeof value !== 'object' || value === null) return value;
  if (depth > DEEPEST) throw new ExpressionError('the value is nested too deeply');
  return Array.isArray(value) ? value.map((item) => toCel(item, depth + 1)) : mapValues(value, (item) => toCel(item, depth + 1));
}

/** The reverse, so that the result is plain data: text, number, boolean, null, list or map. */
function fromCel(value: unknown, depth: number): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value);
    if (Number.isSafeInteger(number)) return number;
    throw new ExpressionError(`the number ${value} is too large to be exact`);
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth > DEEPEST) throw new ExpressionError('the value is nested too deeply');
  if (Array.isArray(value)) return value.map((item) => fromCel(item, depth + 1));
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Map) return mapValues(Object.fromEntries(value), (item) => fromCel(item, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) {
    throw new ExpressionError(
      'an expression must give text, a number, true, false, null, a list or a map; convert it with `string(...)` or `int(...)`',
    );
  }
  return mapValues(value, (item) => fromCel(item, depth + 1));
}

/** A value in a few words, for messages. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing (null)';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (value === '') return 'an empty text';
  if (typeof value === 'number' && !Number.isFinite(value))
    return `the number \`${Number.isNaN(value) ? '.nan' : value > 0 ? '.inf' : '-.inf'}\``;
  if (typeof value !== 'string') return `${typeof value === 'boolean' ? '' : 'the number '}\`${value}\``;
  return `the text \`${value.length > 40 ? `${value.slice(0, 40)}...` : value}\``;
}
