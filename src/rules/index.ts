// The list of lint rules, in the order in which they are applied.
import { attackWithoutEffectCheck } from './attack-without-effect-check.ts';
import { chartNotFound } from './chart-not-found.ts';
import { dangerousCommand } from './dangerous-command.ts';
import { duplicateId } from './duplicate-id.ts';
import { expectationWithoutAttack } from './expectation-without-attack.ts';
import { impossibleExpectation } from './impossible-expectation.ts';
import { impossibleObject } from './impossible-object.ts';
import { invalidManifest } from './invalid-manifest.ts';
import { latestTag } from './latest-tag.ts';
import { leftBehind } from './left-behind.ts';
import { missingDescription } from './missing-description.ts';
import { missingExpectation } from './missing-expectation.ts';
import { nameNotFilename } from './name-not-filename.ts';
import { pathOutside } from './path-outside.ts';
import { plainSecret } from './plain-secret.ts';
import { requiredWithoutRepeat } from './required-without-repeat.ts';
import type { Rule } from './rule.ts';
import { shellInjection } from './shell-injection.ts';
import { shellSyntax } from './shell-syntax.ts';
import { timeoutExceedsRun } from './timeout-exceeds-run.ts';
import { undeclaredRisk } from './undeclared-risk.ts';
import { unknownAlert } from './unknown-alert.ts';
import { unknownAttackTechnique } from './unknown-attack-technique.ts';
import { unpinnedImage } from './unpinned-image.ts';
import { unquotedText } from './unquoted-text.ts';
import { unreachableStep } from './unreachable-step.ts';
import { unusedInput } from './unused-input.ts';
import { waitForever } from './wait-forever.ts';

export const rules: readonly Rule[] = [
  duplicateId,
  expectationWithoutAttack,
  unknownAlert,
  requiredWithoutRepeat,
  unknownAttackTechnique,
  chartNotFound,
  invalidManifest,
  waitForever,
  impossibleExpectation,
  unquotedText,
  shellSyntax,
  unreachableStep,
  timeoutExceedsRun,
  attackWithoutEffectCheck,
  missingExpectation,
  leftBehind,
  undeclaredRisk,
  impossibleObject,
  dangerousCommand,
  shellInjection,
  plainSecret,
  pathOutside,
  latestTag,
  unpinnedImage,
  nameNotFilename,
  unusedInput,
  missingDescription,
];
