// An expected alert needs an attack that could raise it.
import type { Path } from '../language/playbook.ts';
import { allSteps, techniquesOf } from '../language/step-tree.ts';
import { hintFor } from '../language/suggest.ts';
import { expectationsIn, type Rule, type RuleFinding } from './rule.ts';

export const expectationWithoutAttack: Rule = {
  id: 'expectation-without-attack',
  severity: 'error',
  summary: 'An expected alert belongs to an attack step (one with `attack`) that stands before it.',
  why: `An alert is judged from the start of the attack that should raise it: the window, the time to detect and the proof of effect all come from that step. Without an attack step there is nothing to judge.

Give the attacking step its techniques with \`attack: [T1046]\`, and name it with \`of\` where it is not the nearest one above.`,
  check(playbook, context) {
    const steps = allSteps(playbook);
    return expectationsIn(playbook, context).flatMap(({ step, base, expectation }): RuleFinding[] => {
      const before = steps.slice(0, steps.indexOf(step));
      if (expectation.of === undefined) {
        if (before.some((each) => techniquesOf(each).length > 0)) return [];
        return [
          {
            path: base,
            key: true,
            message: 'no attack step stands before this expectation',
            hint: 'give the step that attacks `attack: [T....]`',
          },
        ];
      }
      const { of } = expectation;
      return of.flatMap((id, index): RuleFinding[] => {
        const path: Path = [...base, 'of', ...(of.length > 1 ? [index] : [])];
        const target = before.find((each) => each.id === id);
        if (target !== undefined) {
          const hint = 'give that step `attack: [T....]`, or name another one';
          return techniquesOf(target).length > 0 ? [] : [{ path, message: `the step \`${id}\` is no attack step`, hint }];
        }
        if (steps.some((each) => each.id === id)) return [{ path, message: `the step \`${id}\` does not stand before this expectation` }];
        const ids = before.flatMap((each) => (each.id === undefined ? [] : [each.id]));
        const hint = hintFor(id, ids, 'there are');
        return [{ path, message: `no step has the id \`${id}\``, ...(hint === undefined ? {} : { hint }) }];
      });
    });
  },
};
