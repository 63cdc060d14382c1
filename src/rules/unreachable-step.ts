// A step that no run comes to: its condition is never true, or a step before it always ends the run.
import type { Step } from '../language/playbook.ts';
import { allSteps, techniquesOf } from '../language/step-tree.ts';
import { impossibleIn } from './impossible-expectation.ts';
import { neverTrue } from './never-true.ts';
import type { Rule, RuleContext, RuleFinding } from './rule.ts';

export const unreachableStep: Rule = {
  id: 'unreachable-step',
  severity: 'warning',
  summary: 'A step can be reached: its `when` is true for some values of the inputs, and no step before it always fails.',
  why: `The step is skipped in every run, and so is the expectation that belongs to it: the playbook looks as if it tested something that it does not. Mostly a value is misspelt (\`inputs.mode == "splitt"\`), or two conditions exclude each other.

Each condition that depends on enums and booleans alone is tried with all their values. A step without \`continueOnError\` that expects what cannot be ends the run at its place; the finding is told once, at the first step behind it. Of an attack that is not said: a control may prevent it, and then the run goes on.`,
  check(playbook, context) {
    const skipped = allSteps(playbook).flatMap(({ path, when }) => {
      const never = when === undefined ? undefined : neverTrue(when, playbook);
      if (never === undefined) return [];
      const { condition, names } = never;
      const hint = names.flatMap((name) => {
        const values = playbook.inputs[name]?.values;
        return values === undefined ? [] : [`\`${name}\` is one of ${values.map((value) => `\`${value}\``).join(', ')}`];
      });
      return [
        {
          path: [...path, 'when'],
          message: `the step never runs: \`${condition.slice(0, 120)}\` is never true`,
          ...(hint.length === 0 ? {} : { hint: hint.join('; ') }),
        },
      ];
    });
    const ends = (step: Step) => alwaysEnds(step, impossibleIn(playbook, context));
    return [...skipped, ...behind(playbook.steps, ends, context)];
  },
};

/** The first step after one that ends the run. Expectations are registered all the same, and `finally` is run. */
function behind(steps: readonly Step[], ends: (step: Step) => boolean, { steps: types }: RuleContext): RuleFinding[] {
  const end = steps.findIndex(ends);
  if (end === -1) return [];
  const next = steps.slice(end + 1).find(({ type }) => types.find((each) => each.type === type)?.expects === undefined);
  if (next === undefined) return [];
  const message = `no run comes to this step: \`${steps[end]?.name.slice(0, 80)}\` before it always fails`;
  return [{ path: [...next.path, next.type], key: true, message, hint: 'mend what that step expects, or give it `continueOnError: true`' }];
}

/** True where a step provably always fails, and nothing skips it or goes on after it. */
function alwaysEnds(step: Step, impossible: ReadonlyMap<Step, unknown>): boolean {
  if (step.when !== undefined || step.continueOnError) return false;
  if (step.parallel !== undefined) return step.parallel.some((inside) => alwaysEnds(inside, impossible));
  return techniquesOf(step).length === 0 && impossible.has(step);
}
