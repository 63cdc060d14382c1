// A step's body after its expressions are evaluated: checked again, now without any allowance.
import type { StepLanguage } from './definition.ts';
import { checkSchema } from './schema-check.ts';

/** Sentences about what does not fit the step type's schema, each with its path, e.g. "exec.timeoutSeconds: must be ..."; empty where all fits. */
export function checkBody(definition: StepLanguage, body: unknown): string[] {
  const { problems } = checkSchema(definition.schema, body, { name: `\`${definition.type}\``, expressions: false });
  // How a value is to be written says nothing of one that an expression gave.
  return problems.map(({ rule, path, message, hint: written }) => {
    const hint = rule === 'wrong-type' ? undefined : written;
    return `${[definition.type, ...path].join('.')}: ${message}${hint === undefined ? '' : ` (${hint})`}`;
  });
}
