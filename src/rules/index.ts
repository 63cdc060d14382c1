// The list of lint rules, in the order in which they are applied.
import { attackWithoutEffectCheck } from './attack-without-effect-check.ts';
import { duplicateId } from './duplicate-id.ts';
import { expectationWithoutAttack } from './expectation-without-attack.ts';
import { nameNotFilename } from './name-not-filename.ts';
import { requiredWithoutRepeat } from './required-without-repeat.ts';
import type { Rule } from './rule.ts';
import { unknownAlert } from './unknown-alert.ts';
import { unusedInput } from './unused-input.ts';

export const rules: readonly Rule[] = [
  duplicateId,
  expectationWithoutAttack,
  unknownAlert,
  requiredWithoutRepeat,
  attackWithoutEffectCheck,
  nameNotFilename,
  unusedInput,
];
