// The contract of a lint rule: one object in one file, listed in index.ts. Rules say what the schema cannot.
import type { Diagnostic, Edit, Severity } from '../language/diagnostic.ts';
import type { Path, Playbook, Step } from '../language/playbook.ts';
import type { References } from '../language/references.ts';
import { allSteps } from '../language/step-tree.ts';
import type { AlertExpectation, StepDefinition } from '../steps/step.ts';

/** What a rule may know beside the playbook. */
export interface RuleContext {
  steps: readonly StepDefinition[];
  /** Ids of the alerts/ catalogue; absent where it is not at hand, and then nothing is said about alerts' names. */
  catalogue?: readonly string[];
  /** What stands at the paths that the playbook names; absent where nothing could be read (standard input), and then nothing is said about files. */
  references?: References;
}

/** A finding of a rule: where it is, by path; `key` points at the key instead of the value. */
export interface RuleFinding {
  path: Path;
  key?: boolean;
  message: string;
  hint?: string;
  fix?: readonly Edit[];
}

export interface Rule {
  /** Kebab-case, and the name of the file. */
  readonly id: string;
  readonly severity: Severity;
  /** What the rule finds and why it matters, one sentence. */
  readonly summary: string;
  /** The rest of the rule's page, Markdown: what goes wrong without it, and what to write instead. */
  readonly why: string;
  /** A rule that protects who runs the playbook: only the configuration that the operator pins may lower it. */
  readonly security?: true;
  check(playbook: Playbook, context: RuleContext): RuleFinding[];
}

/** A rule's findings as diagnostics. */
export function applyRule(rule: Rule, playbook: Playbook, context: RuleContext): Diagnostic[] {
  return rule.check(playbook, context).map(({ path, key, message, hint, fix }) => ({
    rule: rule.id,
    severity: rule.severity,
    message,
    span: key ? playbook.keySpanOf(path) : playbook.spanOf(path),
    ...(hint === undefined ? {} : { hint }),
    ...(fix === undefined ? {} : { fix }),
  }));
}

/** The expectation that a step registers, where its type does so. `base` is the path of its body. */
export function expectationsIn(playbook: Playbook, { steps }: RuleContext): { step: Step; base: Path; expectation: AlertExpectation }[] {
  return allSteps(playbook).flatMap((step) => {
    const definition = steps.find(({ type }) => type === step.type);
    return definition?.expects === undefined ? [] : [{ step, base: [...step.path, step.type], expectation: definition.expects(step.body) }];
  });
}
