// What the reference is made from: the same definitions that lint, the engine and editors work by.
import type { Catalogue } from '../alerts/catalogue.ts';
import type { JsonSchema } from '../language/definition.ts';
import { playbookSchema, stepSchema } from '../language/envelope.ts';
import { matcherSchema } from '../language/matcher.ts';
import type { RuleInfo } from '../language/rule-info.ts';
import type { StepDefinition } from '../steps/step.ts';

/** A technique of MITRE ATT&CK. */
export interface TechniqueFacts {
  id: string;
  name: string;
  tactics: readonly string[];
}

export interface Definitions {
  steps: readonly StepDefinition[];
  rules: readonly RuleInfo[];
  alerts: Catalogue;
  techniqueOf(id: string): TechniqueFacts | undefined;
}

/** The schema of a step with every type's body in its place; the steps inside one are not unfolded. */
function wholeStepSchema(steps: readonly StepDefinition[]): JsonSchema {
  const bodies = steps.map(({ type, summary, schema }) => [type, { description: summary, ...(schema as object) }] as const);
  return stepSchema(Object.fromEntries(bodies), { type: 'object' });
}

/** The schemas whose keys can be asked for, by the first word of a path. */
export function documentsOf(steps: readonly StepDefinition[]): Readonly<Record<string, { schema: JsonSchema; summary: string }>> {
  const step = wholeStepSchema(steps);
  return {
    playbook: {
      schema: playbookSchema(step),
      summary: 'A playbook: an attack scenario, and the alerts that should come; or a template, steps that others use.',
    },
    matcher: { schema: matcherSchema, summary: 'What is expected: a value to be equal to, or conditions that all must hold.' },
    step: { schema: step, summary: 'A step: some common keys, and exactly one key that names its type.' },
  };
}
