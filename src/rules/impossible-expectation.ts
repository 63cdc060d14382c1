// What a step expects, where nothing at all could be so: it fails in every run.
import { ExpressionError, parseCel, sharingBudget } from '../language/cel.ts';
import type { OutputType } from '../language/definition.ts';
import { describe, evaluateCel } from '../language/expression.ts';
import { mismatch } from '../language/matcher.ts';
import type { Playbook, Step } from '../language/playbook.ts';
import { allSteps } from '../language/step-tree.ts';
import { hasExpression } from '../language/template.ts';
import { isMap, type Mapping } from '../language/untyped.ts';
import { valuesIn } from './body.ts';
import { type Expected, matchersOf } from './matchers.ts';
import { neverTrue } from './never-true.ts';
import type { Rule, RuleContext, RuleFinding } from './rule.ts';

export const impossibleExpectation: Rule = {
  id: 'impossible-expectation',
  severity: 'error',
  eachStep: true,
  summary: 'What a step expects can be: the value is of its type, and the parts of one expectation do not exclude each other.',
  why: `A step whose \`expect\` nothing fulfils fails in every run, whatever the pod does; an attack then counts as not executed, and the run ends there.

Mostly a type is meant that the value never has: what a program prints is text, so \`stdout: 200\` never holds and \`stdout: "200"\` may; a status is a number, so it is the other way about. What \`equals\` names must also fit \`contains\`, \`matches\` and \`cel\` beside it. A \`cel\` or an \`until\` that reads nothing and is false never holds.`,
  check: (playbook, context) => [...impossibleIn(playbook, context).values()].flat(),
};

const known = new WeakMap<Playbook, Map<Step, RuleFinding[]>>();

/** Steps that provably always fail at what they expect, and why. */
export function impossibleIn(playbook: Playbook, context: RuleContext): ReadonlyMap<Step, RuleFinding[]> {
  const found = known.get(playbook) ?? sharingBudget(() => findAll(playbook, context));
  known.set(playbook, found);
  return found;
}

function findAll(playbook: Playbook, context: RuleContext): Map<Step, RuleFinding[]> {
  const entries = allSteps(playbook).map((step): [Step, RuleFinding[]] => {
    const never = step.retry?.until === undefined ? undefined : neverTrue(step.retry.until, playbook);
    const until = never && {
      path: [...step.path, 'retry', 'until'],
      message: `the step always fails: \`${never.condition.slice(0, 120)}\` is never true`,
    };
    return [step, [...matchersOf(step, context).flatMap((each) => problemOf(each) ?? []), ...(until === undefined ? [] : [until])]];
  });
  return new Map(entries.filter(([, found]) => found.length > 0));
}

function problemOf({ path, name, matcher, type }: Expected): RuleFinding | undefined {
  const map: Mapping = isMap(matcher) ? matcher : { equals: matcher };
  const { equals, cel, ...others } = map;
  const at = isMap(matcher) ? [...path, 'equals'] : path;
  const rest = Object.fromEntries(Object.entries(others).filter(([, value]) => isKnown(value)));
  const condition = typeof cel === 'string' ? cel : undefined;
  if (Object.hasOwn(map, 'equals') && isKnown(equals)) {
    const wrong = type === undefined ? undefined : typeProblem(name, equals, type);
    if (wrong !== undefined) return { path: at, ...wrong };
    const fits = (value: unknown) => mismatch(name, rest, value) === undefined && (condition === undefined || mayHold(condition, value));
    if (!spellings(equals).some(fits))
      return { path: at, message: `\`${name}\` can never be as expected: what equals ${describe(equals)} does not fit the rest` };
  }
  if (condition !== undefined && readsNothing(condition) && !mayHold(condition, undefined))
    return { path: [...path, 'cel'], message: `\`${name}\` can never be as expected: \`${condition.trim().slice(0, 120)}\` is never true` };
  return undefined;
}

/** Whether no expression decides what it is. */
const isKnown = (value: unknown): boolean =>
  !valuesIn(value, []).some((each) => typeof each.value === 'string' && hasExpression(each.value));

/** What counts as equal: a final line break of a text is not looked at. */
const spellings = (value: unknown): unknown[] =>
  typeof value === 'string' && !value.endsWith('\n') ? [value, `${value}\n`, `${value}\r\n`] : [value];

function typeProblem(name: string, equals: unknown, type: OutputType): Pick<RuleFinding, 'message' | 'hint'> | undefined {
  if (type === 'string' && typeof equals !== 'string') {
    const message = `\`${name}\` is text, and never equals ${describe(equals)}`;
    return typeof equals === 'object' ? { message } : { message, hint: 'put the value in quotes' };
  }
  if (type === 'int' && !Number.isInteger(equals)) {
    const message = `\`${name}\` is a whole number, and never equals ${describe(equals)}`;
    const isQuoted = typeof equals === 'string' && /^-?\d+$/.test(equals);
    return isQuoted ? { message, hint: `write \`${equals}\` without quotes` } : { message };
  }
  return undefined;
}

function readsNothing(condition: string): boolean {
  try {
    return parseCel(condition).references.length === 0;
  } catch (error) {
    if (error instanceof ExpressionError) return false;
    throw error;
  }
}

/** False only where the condition is known to be false. */
function mayHold(condition: string, value: unknown): boolean {
  try {
    return evaluateCel(condition, { value }) !== false;
  } catch (error) {
    if (error instanceof ExpressionError) return true;
    throw error;
  }
}
