// The contract of a lint rule: one object in one file, listed in index.ts. Rules say what the schema cannot.
import type { Diagnostic, Edit } from '../language/diagnostic.ts';
import type { Path, Playbook, Step, StepList } from '../language/playbook.ts';
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

/** Of one rule in one playbook: a generated text may repeat one mistake thousands of times, and each place must be worked out. */
const MOST_FINDINGS = 100;

/** A rule's findings as diagnostics. */
export function applyRule(rule: Rule, playbook: Playbook, context: RuleContext): Diagnostic[] {
  const found = rule.check(playbook, context);
  // Whoever runs the playbook runs the files that it uses, too.
  const used = rule.security && rule.severity === 'error' ? inUsedFiles(rule, playbook, context) : [];
  return [...found, ...used].slice(0, MOST_FINDINGS).map(({ path, key, within, message, hint, fix }) => ({
    rule: rule.id,
    severity: rule.severity,
    message,
    span: key
      ? playbook.keySpanOf(path)
      : within === undefined
        ? playbook.spanOf(path)
        : playbook.spanWithin(path, within.start, within.end),
    ...(hint === undefined ? {} : { hint }),
    ...(fix === undefined ? {} : { fix }),
  }));
}

/** What a rule finds in the files that steps use, and in those that they use: each file once, at the first place of the playbook that leads to it. */
function inUsedFiles(rule: Rule, playbook: Playbook, context: RuleContext): RuleFinding[] {
  const seen = new Set<StepList>();
  const given = givenIn(playbook);
  const visit = (list: StepList, place?: Path): RuleFinding[] =>
    allSteps(list).flatMap(({ path, uses }) => {
      if (uses === undefined || seen.has(uses.definition)) return [];
      const { definition } = uses;
      seen.add(definition);
      const at = place ?? [...path, 'uses'];
      // The promise of low risk is that of the playbook that is run.
      const metadata = { ...definition.metadata, risk: playbook.metadata.risk };
      const whole = { ...playbook, ...definition, metadata, inputs: withoutGiven(definition, given.get(definition)) };
      const found = rule.check(whole, context).map(({ message, hint }) => ({
        path: at,
        message: `in \`${definition.file}\`, ${message}`,
        ...(hint === undefined ? {} : { hint }),
      }));
      return [...found, ...visit(definition, at)];
    });
  return visit(playbook);
}

/** Names of the inputs that steps give to the files that they use, by file. */
function givenIn(playbook: StepList): Map<StepList, Set<string>> {
  const given = new Map<StepList, Set<string>>();
  const visit = (list: StepList): void => {
    for (const { uses } of allSteps(list)) {
      if (uses === undefined) continue;
      const before = given.get(uses.definition);
      given.set(uses.definition, new Set([...(before ?? []), ...Object.keys(uses.with)]));
      if (before === undefined) visit(uses.definition);
    }
  };
  visit(playbook);
  return given;
}

/** A file's inputs; one that is given has another value than its default. */
const withoutGiven = ({ inputs }: StepList, given: ReadonlySet<string> = new Set()): StepList['inputs'] =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, { default: standard, ...input }]) => [
      name,
      given.has(name) || standard === undefined ? input : { ...input, default: standard },
    ]),
  );

/** The expectation that a step registers, where its type does so. `base` is the path of its body. */
export function expectationsIn(playbook: Playbook, { steps }: RuleContext): { step: Step; base: Path; expectation: AlertExpectation }[] {
  return allSteps(playbook).flatMap((step) => {
    const definition = steps.find(({ type }) => type === step.type);
    return definition?.expects === undefined ? [] : [{ step, base: [...step.path, step.type], expectation: definition.expects(step.body) }];
  });
}
