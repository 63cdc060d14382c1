// What is told of a rule: its page, `sim explain`, SARIF. Rules of meaning are objects in rules/; the language's own findings have theirs too.
import type { Severity } from './diagnostic.ts';

export interface RuleInfo {
  /** Kebab-case, as findings name it. */
  readonly id: string;
  readonly severity: Severity;
  /** What the rule finds and why it matters, one sentence. */
  readonly summary: string;
  /** The rest of the rule's page, Markdown. */
  readonly why: string;
  /** A rule that protects who runs the playbook: only the configuration that the operator pins may lower it. */
  readonly security?: true;
}
