// From a rule to its findings in a playbook and in the files that this uses.
import type { Diagnostic } from '../language/diagnostic.ts';
import type { Path, Playbook, StepList } from '../language/playbook.ts';
import { allSteps } from '../language/step-tree.ts';
import { filesIn } from './files.ts';
import type { Rule, RuleContext, RuleFinding } from './rule.ts';

/** Of one rule in one playbook: a generated text may repeat one mistake thousands of times, and each place must be worked out. */
const MOST_FINDINGS = 100;

/** A rule's findings as diagnostics. */
export function applyRule(rule: Rule, playbook: Playbook, context: RuleContext): Diagnostic[] {
  const found = rule.check(playbook, context);
  // Whoever runs the playbook runs the files that it uses, too.
  const inUsed = rule.security && rule.severity === 'error' ? inUsedFiles(rule, playbook, context) : [];
  return [...found, ...inUsed].slice(0, MOST_FINDINGS).map(({ path, key, within, message, hint, fix }) => ({
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
const inUsedFiles = (rule: Rule, playbook: Playbook, context: RuleContext): RuleFinding[] =>
  usedIn(playbook).flatMap(({ file, place }) =>
    inUsedFile(rule, file, context).map(({ message, hint }) => ({
      path: place,
      message: `in \`${file.file}\`, ${message}`,
      ...(hint === undefined ? {} : { hint }),
    })),
  );

/** Of files that name no others, which are the same wherever they are used; by the rule. */
const foundInUsed = new WeakMap<Playbook, Map<Rule, readonly RuleFinding[]>>();

function inUsedFile(rule: Rule, file: Playbook, context: RuleContext): readonly RuleFinding[] {
  const known = foundInUsed.get(file) ?? new Map<Rule, readonly RuleFinding[]>();
  const before = known.get(rule);
  if (before !== undefined) return before;
  const found = rule.check(file, context);
  if (filesIn(file, context).length === 0) foundInUsed.set(file, known.set(rule, found));
  return found;
}

interface UsedFile {
  /** As the playbook runs it. */
  file: Playbook;
  place: Path;
}

/** Each rule asks for them. */
const used = new WeakMap<Playbook, UsedFile[]>();

/** The files that a playbook uses, and those that they use, each with the first place in the playbook that leads to it. */
function usedIn(playbook: Playbook): UsedFile[] {
  const known = used.get(playbook);
  if (known !== undefined) return known;
  const places = new Map<StepList, Path>();
  const given = new Map<StepList, Set<string>>();
  const visit = (list: StepList, place?: Path): void => {
    for (const { path, uses } of allSteps(list)) {
      if (uses === undefined) continue;
      const { definition } = uses;
      given.set(definition, new Set([...(given.get(definition) ?? []), ...Object.keys(uses.with)]));
      if (places.has(definition)) continue;
      const at = place ?? [...path, 'uses'];
      places.set(definition, at);
      visit(definition, at);
    }
  };
  visit(playbook);
  const found = [...places].map(([definition, place]) => ({ file: asRunBy(playbook, definition, given.get(definition)), place }));
  used.set(playbook, found);
  return found;
}

/** By the file; then by what its playbook changes of it. */
const run = new WeakMap<StepList, Map<string, Playbook>>();

/** A file as a playbook runs it: with the promise of low risk that the playbook gives, and without the defaults of inputs that are given. */
function asRunBy(playbook: Playbook, definition: StepList, given: ReadonlySet<string> = new Set()): Playbook {
  const { risk } = playbook.metadata;
  const known = run.get(definition) ?? new Map<string, Playbook>();
  const key = [risk, ...[...given].sort()].join(' ');
  const before = known.get(key);
  if (before !== undefined) return before;
  const inputs = Object.fromEntries(
    Object.entries(definition.inputs).map(([name, { default: standard, ...input }]) => [
      name,
      given.has(name) || standard === undefined ? input : { ...input, default: standard },
    ]),
  );
  const file = { ...playbook, ...definition, metadata: { ...definition.metadata, risk }, inputs };
  run.set(definition, known.set(key, file));
  return file;
}
