// A step's body after its expressions are evaluated: checked again, now without any allowance.
import type { StepLanguage } from './definition.ts';
import { checkSchema } from './schema-check.ts';

/** Sentences about what does not fit the step type's schema, each with its path, e.g. "exec.timeoutSeconds: must be ..."; empty where all fits. */
export function checkBody(definition: StepLanguage, body: unknown): string[] {
  const { problems } = checkSchema(definition.schema, body, { name: `\`${definition.type}\``, expressions: false });
  return problems.map(
    ({ path, message, hint }) => `${[definition.type, ...path].join('.')}: ${message}${hint === undefined ? '' : ` (${hint})`}`,
  );
}
