// One way from text to findings, for `sim lint` and `sim run` alike: what lints clean can run, what cannot run does not lint clean.
import type { Diagnostic } from '../language/diagnostic.ts';
import { disableRules } from '../language/disable.ts';
import { invalidConfiguration, unreadableFile } from '../language/file-rules.ts';
import { load } from '../language/load.ts';
import type { Playbook } from '../language/playbook.ts';
import { applyPolicy, defaultPolicy, type KnownRules, type Policy } from '../language/policy.ts';
import type { RuleInfo } from '../language/rule-info.ts';
import type { Source } from '../language/source.ts';
import { applyRule } from './apply-rule.ts';
import { rules } from './index.ts';
import { languageRules } from './language-rules.ts';
import type { RuleContext } from './rule.ts';

/** What nobody can switch off. */
const lockedRules: readonly RuleInfo[] = [...languageRules, unreadableFile, invalidConfiguration];

/** All that a finding may name. */
export const ruleInfos: readonly RuleInfo[] = [...lockedRules, ...rules, ...disableRules];

export const knownRules: KnownRules = {
  rules: new Map([...rules, ...disableRules].map((rule) => [rule.id, rule])),
  locked: new Set(lockedRules.map(({ id }) => id)),
};

/**
 * Loads a playbook and applies every rule, then the policy. `playbook` is there exactly when no diagnostic is an error, so that a run may go on with
 * it; warnings do not stop a run. Where the language finds errors, rules that judge each step by itself are asked of the steps without one: the
 * others would find missing what is only not read yet.
 */
export function lint(
  source: Source,
  context: RuleContext,
  policy: Policy = defaultPolicy,
): { playbook?: Playbook; diagnostics: Diagnostic[] } {
  const { playbook, remainder, diagnostics } = load(source, context.steps, context.references);
  const judged = playbook ?? remainder;
  const asked = playbook === undefined ? rules.filter(({ eachStep }) => eachStep) : rules;
  const found = judged === undefined ? diagnostics : [...diagnostics, ...asked.flatMap((rule) => applyRule(rule, judged, context))];
  const settled = applyPolicy(source.text, found, policy, { ...knownRules, complete: playbook !== undefined });
  const refused = playbook === undefined || settled.some(({ severity }) => severity === 'error');
  return refused ? { diagnostics: settled } : { playbook, diagnostics: settled };
}
