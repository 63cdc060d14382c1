// A look at an observation's facts that costs next to nothing, and says of most that a condition cannot be true.
import { type Need, needsOf } from '../language/cel-needs.ts';
import type { Facts } from './facts.ts';
import { LISTS } from './lists.ts';

export interface Prefilter {
  /** Names of the process, one of which it must have; absent where the condition can be true for others. */
  names?: readonly string[];
  /** Whether the condition may be true. */
  may(facts: Facts): boolean;
}

/** Throws ExpressionError for what is no condition. */
export function prefilterOf(condition: string): Prefilter {
  const needs = needsOf(condition, LISTS);
  if (needs === undefined) return { may: () => true };
  if (needs.every(isAboutNames)) return { names: needs.flatMap(({ values }) => values), may: () => true };
  const checks = needs.map(checkOf);
  return { may: (facts) => checks.some((check) => check(facts)) };
}

const isAboutNames = ({ path, test }: Need): boolean => test === 'equals' && path.join('.') === 'process.names.[]';

function checkOf({ path, test, values }: Need): (facts: Facts) => boolean {
  const set = new Set<unknown>(values);
  const isOne =
    test === 'true'
      ? (value: unknown) => value === true
      : test === 'equals'
        ? (value: unknown) => set.has(value)
        : (value: unknown) => typeof value === 'string' && values.some((part) => value.includes(part));
  return path.reduceRight<(value: unknown) => boolean>(
    (inner, part) =>
      part === '[]'
        ? (value) => Array.isArray(value) && value.some(inner)
        : (value) => typeof value === 'object' && value !== null && inner((value as Facts)[part]),
    isOne,
  );
}
