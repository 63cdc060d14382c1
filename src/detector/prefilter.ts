// A look at an observation that costs next to nothing, and says of most that a condition cannot be true.
import { type Need, type Needs, needsOf, oneOf } from '../language/cel-needs.ts';
import { LISTS } from './lists.ts';

/** What holds wherever a condition is true. */
export interface Prefilter {
  /** To look rules up: one of the process's names or arguments is one of these, or one of the texts is part of its script, or `raw` says so. */
  names: readonly string[];
  args: readonly string[];
  texts: readonly string[];
  /** Asked of each observation as it is, before its facts are worked out; absent where it is none of the above that makes the condition true. */
  raw?: (observation: unknown) => boolean;
  /** Asked of the facts, before the condition is evaluated. */
  may(facts: unknown): boolean;
}

const TEXTS = ['process.args.[]', 'process.argv.[]', 'process.script', 'process.commandLine'];
/** Facts that are parts of the observation itself. */
const RAW = new Set(['drift', 'path', 'access', 'address', 'protocol', 'process.executable']);

/** Throws ExpressionError for what is no condition. */
export function prefilterOf(condition: string): Prefilter {
  const needs = needsOf(condition, LISTS);
  if (needs === undefined) return { names: [], args: [], texts: [], raw: () => true, may: () => true };
  const looked = { names: [] as string[], args: [] as string[], texts: [] as string[] };
  const rest: Need[] = [];
  for (const need of oneOf(needs)) {
    const { test, values } = need;
    const path = need.path.join('.');
    if (test === 'equals' && path === 'process.names.[]') looked.names.push(...values);
    else if (test === 'equals' && path === 'process.args.[]') looked.args.push(...values);
    // The script begins with the arguments, one after the other.
    else if (test === 'contains' && TEXTS.includes(path)) looked.texts.push(...values);
    else rest.push(need);
  }
  const may = checkOf(needs);
  if (rest.length === 0) return { ...looked, may };
  const raw = rest.every(({ path }) => RAW.has(path.join('.'))) ? checkOf({ any: rest }) : () => true;
  return { ...looked, raw, may };
}

type Check = (value: unknown) => boolean;
type ProcessFacts = { process?: Record<string, unknown> };

function checkOf(needs: Needs): Check {
  if ('all' in needs) {
    const checks = needs.all.map(checkOf);
    return (facts) => {
      for (const check of checks) if (!check(facts)) return false;
      return true;
    };
  }
  if ('any' in needs) {
    const checks = needs.any.map(checkOf);
    return (facts) => {
      for (const check of checks) if (check(facts)) return true;
      return false;
    };
  }
  const { path, test, values } = needs;
  const set = new Set<unknown>(values);
  const isOne: Check =
    test === 'true'
      ? (value) => value === true
      : test === 'equals'
        ? (value) => set.has(value)
        : (value) => typeof value === 'string' && values.some((part) => value.includes(part));
  const [first = '', second = '', third] = path;
  // What most conditions look at.
  if (first === 'process' && path.length === 2) return (facts) => isOne((facts as ProcessFacts).process?.[second]);
  if (first === 'process' && path.length === 3 && third === '[]')
    return (facts) => {
      const list = (facts as ProcessFacts).process?.[second];
      if (Array.isArray(list)) for (const each of list) if (isOne(each)) return true;
      return false;
    };
  return path.reduceRight<Check>(
    (inner, part) =>
      part === '[]'
        ? (value) => Array.isArray(value) && value.some(inner)
        : (value) => typeof value === 'object' && value !== null && inner((value as Record<string, unknown>)[part]),
    isOne,
  );
}
