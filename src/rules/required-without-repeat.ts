// `required: 2 of 3` of an attack that is not done three times.
import { allSteps, techniquesOf } from '../language/step-tree.ts';
import { expectationsIn, type Rule } from './rule.ts';

export const requiredWithoutRepeat: Rule = {
  id: 'required-without-repeat',
  severity: 'error',
  summary: 'An expectation with `required: 2 of 3` speaks of a step that is done three times, and asks for no more than that.',
  why: `\`required\` counts the executions of one step that \`repeat\` does several times: a detector that learns what is normal need not fire each time. Where the step is done once, or another number of times, the condition could never be judged as it is written.

Give the attack \`repeat: {times: 3}\`, or make both numbers agree.`,
  check(playbook, context) {
    const steps = allSteps(playbook);
    return expectationsIn(playbook, context).flatMap(({ step, base, expectation }) => {
      const { required, of } = expectation;
      if (required === undefined) return [];
      const path = [...base, 'required'];
      if (required.times > required.of) return [{ path, message: `${required.times} of ${required.of} can never be reached` }];
      const before = steps.slice(0, steps.indexOf(step)).filter((each) => techniquesOf(each).length > 0);
      const attacks = of === undefined ? before.slice(-1) : steps.filter(({ id }) => id !== undefined && of.includes(id));
      return attacks
        .filter(({ repeat }) => repeat?.times !== required.of)
        .map(({ name, repeat }) => ({
          path,
          message: `"${name}" is done ${repeat === undefined ? 'once' : `${repeat.times} times`}, not ${required.of} times`,
          hint: `give that step \`repeat: {times: ${required.of}}\``,
        }));
    });
  },
};
