// What one rule finds in a playbook, as lines of text.
import type { Diagnostic } from '../../src/language/diagnostic.ts';
import { load } from '../../src/language/load.ts';
import type { References } from '../../src/language/references.ts';
import { locate } from '../../src/language/source.ts';
import { applyRule } from '../../src/rules/apply-rule.ts';
import type { Rule } from '../../src/rules/rule.ts';
import type { StepDefinition } from '../../src/steps/step.ts';
import { stepTypes } from '../fakes/step-types.ts';

interface Options {
  name?: string;
  catalogue?: string[];
  references?: References;
  /** Absent: those of the fakes. */
  steps?: readonly StepDefinition[];
}

function diagnosticsOf(rule: Rule, text: string, { name = 'sample.yaml', steps = stepTypes, ...context }: Options): Diagnostic[] {
  const { playbook, diagnostics } = load({ name, text }, steps, context.references);
  if (playbook === undefined) throw new Error(`does not load: ${diagnostics[0]?.message}`);
  return applyRule(rule, playbook, { steps, ...context });
}

/** `line:col: severity: message` of each finding. Throws where the playbook does not load. */
export function findingsOf(rule: Rule, text: string, options: Options = {}): string[] {
  return locate({ name: options.name ?? 'sample.yaml', text }, diagnosticsOf(rule, text, options)).map(
    ({ line, column, severity, message }) => `${line}:${column}: ${severity}: ${message}`,
  );
}

/** The text after every fix was made. */
export function fixedBy(rule: Rule, text: string, options: Options = {}): string {
  const edits = diagnosticsOf(rule, text, options).flatMap(({ fix = [] }) => fix);
  return edits.sort((a, b) => b.start - a.start).reduce((all, { start, end, text: by }) => all.slice(0, start) + by + all.slice(end), text);
}

/** Only what the findings underline. */
export function underlinedBy(rule: Rule, text: string, options: Options = {}): string[] {
  return diagnosticsOf(rule, text, options).map(({ span: { start, end } }) => text.slice(start, end));
}
