// Everything that the reference explains, put together from this program's own lists.
import type { Catalogue } from '../alerts/catalogue.ts';
import { techniqueOf } from '../language/attack.ts';
import type { Definitions } from '../reference/definitions.ts';
import { ruleInfos } from '../rules/lint.ts';
import { stepTypes } from '../steps/index.ts';

export const definitionsWith = (alerts: Catalogue): Definitions => ({
  steps: stepTypes,
  rules: ruleInfos,
  alerts,
  techniqueOf(id) {
    const technique = techniqueOf(id);
    return technique === undefined ? undefined : { ...technique, tactics: technique.tactics.map(({ name }) => name) };
  },
});
