// What lint found, as its reporters get it.
import type { RuleInfo } from '../../language/rule-info.ts';
import type { Finding } from '../../language/source.ts';

export interface LintReport {
  /** In the order in which they are told. */
  findings: readonly Finding[];
  /** Every file that was checked, as it is called in findings. */
  files: readonly string[];
  /** Every rule that a finding may name. */
  rules: readonly RuleInfo[];
  /** Of this program. */
  version: string;
  colour: boolean;
  /** A file's path from the root of its checkout, with `/`: what forges know it by. */
  pathOf(file: string): string;
  /** SHA-256, hex. */
  digest(text: string): string;
}

/** The whole output, its last newline included. */
export type LintReporter = (report: LintReport) => string;

/** Where a rule's page stands, from the repository's root. */
export const pageOf = (rule: string): string => `docs/reference/rules/${rule}.md`;
