// One way from text to findings, for `sim lint` and `sim run` alike: what lints clean can run, what cannot run does not lint clean.
import type { Diagnostic } from '../language/diagnostic.ts';
import { load } from '../language/load.ts';
import type { Playbook } from '../language/playbook.ts';
import type { Source } from '../language/source.ts';
import { rules } from './index.ts';
import { applyRule, type RuleContext } from './rule.ts';

/**
 * Loads a playbook and applies every rule. `playbook` is there exactly when no diagnostic is an error, so that a run may go on with it;
 * warnings do not stop a run. Rules need a playbook whose steps fit their schemas: until then only the language's own findings are given.
 */
export function lint(source: Source, context: RuleContext): { playbook?: Playbook; diagnostics: Diagnostic[] } {
  const { playbook, diagnostics } = load(source, context.steps, context.references);
  if (playbook === undefined) return { diagnostics };
  const all = [...diagnostics, ...rules.flatMap((rule) => applyRule(rule, playbook, context))];
  return all.some(({ severity }) => severity === 'error') ? { diagnostics: all } : { playbook, diagnostics: all };
}
