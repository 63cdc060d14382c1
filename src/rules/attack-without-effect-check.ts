// An attack that nothing proves: its missing alert would say nothing about the detector.
import type { Step } from '../language/playbook.ts';
import { allSteps } from '../language/step-tree.ts';
import type { Rule, RuleFinding } from './rule.ts';

const canExpect = (schema: unknown): boolean =>
  typeof schema === 'object' && schema !== null && Object.hasOwn((schema as { properties?: object }).properties ?? {}, 'expect');

export const attackWithoutEffectCheck: Rule = {
  id: 'attack-without-effect-check',
  severity: 'warning',
  eachStep: true,
  summary: 'An attack step says with `expect` what proves that it took effect; without proof a missing alert cannot count as missed.',
  why: `A detector can only have missed what really happened. Where nothing proves that the attack took effect - the tool was not in the image, the request was refused - \`sim\` cannot say *missed*, only *not executed* or, worse, would blame the detector.

Give the step's type an \`expect\` that is true only when the attack did its work: a line that the program prints, a status, a value in the answer.`,
  check(playbook, { steps }) {
    const lacksProof = ({ type, body }: Step) =>
      canExpect(steps.find((each) => each.type === type)?.schema) && (body as { expect?: unknown }).expect === undefined;
    return allSteps(playbook).flatMap((step): RuleFinding[] => {
      const { attack, type, uses, path } = step;
      if (attack.length === 0) return [];
      const message = 'nothing proves that this attack took effect';
      if (uses === undefined)
        return lacksProof(step) ? [{ path: [...path, type], key: true, message, hint: `add \`expect\` to \`${type}\`` }] : [];
      // The step is the whole file: one proof in it is enough.
      const inside = allSteps(uses.definition).filter(({ type: kind }) => canExpect(steps.find((each) => each.type === kind)?.schema));
      if (!inside.every(lacksProof)) return [];
      return [{ path: [...path, 'uses'], message, hint: 'add `expect` to a step of that file' }];
    });
  },
};
