// The contract of a lint rule: one object in one file, listed in index.ts. Rules say what the schema cannot.
import type { Edit } from '../language/diagnostic.ts';
import type { Path, Playbook, Step } from '../language/playbook.ts';
import type { References } from '../language/references.ts';
import type { RuleInfo } from '../language/rule-info.ts';
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

/** A finding of a rule: where it is, by path; `key` points at the key instead of the value, `within` at a part of the text that stands there. */
export interface RuleFinding {
  path: Path;
  key?: boolean;
  within?: { start: number; end: number };
  message: string;
  hint?: string;
  fix?: readonly Edit[];
}

/** Its `id` is the name of its file, too. */
export interface Rule extends RuleInfo {
  /** It judges each step by itself: what it says of one holds whatever is wrong with the others. */
  readonly eachStep?: true;
  check(playbook: Playbook, context: RuleContext): RuleFinding[];
}

/** The expectation that a step registers, where its type does so. `base` is the path of its body. */
export function expectationsIn(playbook: Playbook, { steps }: RuleContext): { step: Step; base: Path; expectation: AlertExpectation }[] {
  return allSteps(playbook).flatMap((step) => {
    const definition = steps.find(({ type }) => type === step.type);
    return definition?.expects === undefined ? [] : [{ step, base: [...step.path, step.type], expectation: definition.expects(step.body) }];
  });
}
