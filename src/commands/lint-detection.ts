// What lint says of a detection rule.
import { loadDetection } from '../detector/load-detection.ts';
import type { Diagnostic } from '../language/diagnostic.ts';
import { applyPolicy, type Policy } from '../language/policy.ts';
import type { Source } from '../language/source.ts';
import { knownRules } from '../rules/lint.ts';
import type { RuleContext } from '../rules/rule.ts';

export function lintDetection(
  source: Source,
  policy: Policy,
  { catalogue }: Pick<RuleContext, 'catalogue'>,
): { source: Source; diagnostics: Diagnostic[]; detectionId?: string } {
  const { detection, diagnostics } = loadDetection(source, { alerts: catalogue });
  const settled = applyPolicy(source.text, diagnostics, policy, { ...knownRules, complete: detection !== undefined });
  return { source, diagnostics: settled, ...(detection === undefined ? {} : { detectionId: detection.id }) };
}
