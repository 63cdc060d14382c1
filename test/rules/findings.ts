// What one rule finds in a playbook, as lines of text.
import { load } from '../../src/language/load.ts';
import { locate } from '../../src/language/source.ts';
import { applyRule, type Rule } from '../../src/rules/rule.ts';
import { stepTypes } from '../fakes/step-types.ts';

/** `line:col: severity: message` of each finding. Throws where the playbook does not load. */
export function findingsOf(
  rule: Rule,
  text: string,
  { name = 'sample.yaml', catalogue }: { name?: string; catalogue?: string[] } = {},
): string[] {
  const { playbook, diagnostics } = load({ name, text }, stepTypes);
  if (playbook === undefined) throw new Error(`does not load: ${diagnostics[0]?.message}`);
  const found = applyRule(rule, playbook, { steps: stepTypes, ...(catalogue === undefined ? {} : { catalogue }) });
  return locate({ name, text }, found).map(({ line, column, severity, message }) => `${line}:${column}: ${severity}: ${message}`);
}
