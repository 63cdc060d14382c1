// Conditions that are false whatever the inputs are.
import { ExpressionError, parseCel } from '../language/cel.ts';
import { evaluateCondition } from '../language/expression.ts';
import type { Input, Playbook } from '../language/playbook.ts';

const MOST_COMBINATIONS = 64;

/** The part of a condition that is false for all values of the inputs it reads; undefined where there is none, or it is not known. */
export function neverTrue(when: string, { inputs }: Pick<Playbook, 'inputs'>): { condition: string; names: string[] } | undefined {
  // Whatever the other parts give, together with one that is false they are false.
  const known = conjunctsOf(when).filter((part) => readsOnlyChoices(part, inputs));
  if (known.length === 0) return undefined;
  const condition = known.length === 1 ? (known[0] ?? '') : known.map((part) => part.trim()).join(' && ');
  const names = [...new Set(namesIn(condition))];
  const combinations = combinationsOf(names, inputs);
  if (combinations === undefined) return undefined;
  try {
    return combinations.some((values) => evaluateCondition(condition, { inputs: values }))
      ? undefined
      : { condition: condition.trim(), names };
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

function namesIn(condition: string): string[] {
  try {
    return parseCel(condition).references.map(({ path }) => path[0] ?? '');
  } catch (error) {
    if (error instanceof ExpressionError) return [];
    throw error;
  }
}

function readsOnlyChoices(part: string, inputs: Playbook['inputs']): boolean {
  try {
    return parseCel(part).references.every(({ root, path: [name = ''] }) => root === 'inputs' && valuesOf(inputs[name]) !== undefined);
  } catch (error) {
    if (error instanceof ExpressionError) return false;
    throw error;
  }
}

const valuesOf = (input: Input | undefined): readonly unknown[] | undefined =>
  input?.type === 'boolean' ? [true, false] : input?.type === 'enum' ? input.values : undefined;

/** Every choice of values; undefined where there are too many. */
function combinationsOf(names: readonly string[], inputs: Playbook['inputs']): Record<string, unknown>[] | undefined {
  let all: Record<string, unknown>[] = [{}];
  for (const name of names) {
    const values = valuesOf(inputs[name]) ?? [];
    if (all.length * values.length > MOST_COMBINATIONS) return undefined;
    all = all.flatMap((each) => values.map((value) => ({ ...each, [name]: value })));
  }
  return all;
}

/** The parts that `&&` joins; the whole where another operator that binds less stands beside it. */
function conjunctsOf(when: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < when.length; at++) {
    const character = when[at] ?? '';
    if (character === '"' || character === "'") {
      const end = when.indexOf(character, at + 1);
      // Escapes and raw strings: too much for a reading without the parser.
      if (end === -1 || when.slice(at, end).includes('\\')) return [when];
      at = end;
    } else if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character)) depth--;
    else if (depth === 0 && (character === '?' || when.startsWith('||', at))) return [when];
    else if (depth === 0 && when.startsWith('&&', at)) {
      parts.push(when.slice(from, at));
      from = at + 2;
      at++;
    }
  }
  return [...parts, when.slice(from)];
}
