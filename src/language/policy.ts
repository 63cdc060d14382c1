// What is done with findings: which are shown, and how grave they count. Lint and run share it.
import type { Diagnostic, Severity } from './diagnostic.ts';
import { applyDisables } from './disable.ts';
import type { RuleInfo } from './rule-info.ts';

export interface Policy {
  /** Of rules whose gravity the configuration sets. */
  severities: ReadonlyMap<string, Severity | 'off'>;
  /** Whether comments in the playbook switch rules off; `and-security`: even those that protect who runs it. */
  comments: 'none' | 'rules' | 'and-security';
  /** For a file that a checkout's own configuration ignores: nothing is told but what the security rules find. */
  securityOnly: boolean;
}

/** Every rule as it is, and comments that switch off what they may. */
export const defaultPolicy: Policy = { severities: new Map(), comments: 'rules', securityOnly: false };

/** Rules, and the ids of findings that make a playbook unable to run: those are always told, as errors. */
export interface KnownRules {
  rules: ReadonlyMap<string, RuleInfo>;
  locked: ReadonlySet<string>;
}

/** The findings that remain. `complete`: whether all rules were applied. */
export function applyPolicy(
  text: string,
  diagnostics: readonly Diagnostic[],
  { severities, comments, securityOnly }: Policy,
  { rules, locked, complete }: KnownRules & { complete: boolean },
): Diagnostic[] {
  const shown =
    comments === 'none'
      ? diagnostics
      : applyDisables(text, diagnostics, { rules, locked, security: comments === 'and-security', complete });
  return shown.flatMap((diagnostic) => {
    const rule = rules.get(diagnostic.rule);
    if (securityOnly && !rule?.security) return [];
    const severity = rule === undefined ? undefined : severities.get(rule.id);
    if (severity === 'off') return [];
    return [severity === undefined ? diagnostic : { ...diagnostic, severity }];
  });
}
