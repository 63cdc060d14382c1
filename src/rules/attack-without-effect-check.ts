// An attack that nothing proves: its missing alert would say nothing about the detector.
import { allSteps, type Rule } from './rule.ts';

const canExpect = (schema: unknown): boolean =>
  typeof schema === 'object' && schema !== null && Object.hasOwn((schema as { properties?: object }).properties ?? {}, 'expect');

export const attackWithoutEffectCheck: Rule = {
  id: 'attack-without-effect-check',
  severity: 'warning',
  summary: 'An attack step says with `expect` what proves that it took effect; without proof a missing alert cannot count as missed.',
  why: `A detector can only have missed what really happened. Where nothing proves that the attack took effect - the tool was not in the image, the request was refused - \`sim\` cannot say *missed*, only *not executed* or, worse, would blame the detector.

Give the step's type an \`expect\` that is true only when the attack did its work: a line that the program prints, a status, a value in the answer.`,
  check(playbook, { steps }) {
    return allSteps(playbook).flatMap(({ attack, type, body, path }) => {
      const definition = steps.find((each) => each.type === type);
      if (attack.length === 0 || !canExpect(definition?.schema) || (body as { expect?: unknown }).expect !== undefined) return [];
      return [
        { path: [...path, type], key: true, message: 'nothing proves that this attack took effect', hint: `add \`expect\` to \`${type}\`` },
      ];
    });
  },
};
