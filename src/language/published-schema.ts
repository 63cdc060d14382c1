// One JSON Schema for editors, made from the same definitions that lint uses.
import type { JsonSchema, StepLanguage } from './definition.ts';
import { DURATION_PATTERN } from './duration.ts';
import { GROUP_KEYS, playbookSchema, stepSchema } from './envelope.ts';

type Keywords = { readonly [keyword: string]: unknown };

const EXPRESSION = { type: 'string', pattern: '\\$\\{\\{', description: 'An expression: `${{ ... }}`.' } as const;

const SCHEMA_MAPS = new Set(['properties', 'patternProperties', '$defs', 'dependentSchemas']);
const SCHEMA_LISTS = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems']);
const SCHEMAS = new Set([
  'items',
  'additionalProperties',
  'propertyNames',
  'not',
  'if',
  'then',
  'else',
  'contains',
  'unevaluatedProperties',
]);

const STEP = { $ref: '#/$defs/step' } as const;

/** The JSON Schema 2020-12 of a playbook with these step types. Editors complete, explain and check by it; `sim lint` checks more. */
export function publishedSchema(stepTypes: readonly StepLanguage[]): JsonSchema {
  const bodies = Object.fromEntries(
    stepTypes.map(({ type, summary, schema }) => [
      type,
      { description: summary, ...(forEditors(schema, { values: true, inside: false }) as Keywords) },
    ]),
  );
  const step = stepSchema(bodies, STEP) as Keywords;
  const frame = forEditors(playbookSchema(STEP), { values: false, inside: false }) as Keywords;
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'kubesim playbook',
    description: 'An attack scenario for Kubernetes, and the alerts that should come.',
    ...frame,
    $defs: {
      step: {
        description: 'A step: some common keys, and exactly one key that names its type.',
        ...(forEditors(step, { values: false, inside: false }) as Keywords),
        oneOf: [...stepTypes.map(({ type }) => type), ...GROUP_KEYS].map((key) => ({ required: [key] })),
      },
    },
  };
}

/**
 * Removes our own keywords and formats. `values`: what stands in a step's body, where an expression may stand for any value; `inside`: this is
 * not the body itself, which must be written out.
 */
function forEditors(schema: JsonSchema, { values, inside }: { values: boolean; inside: boolean }): JsonSchema {
  if (typeof schema === 'boolean') return schema;
  const nested = (value: unknown, atValue: boolean) => forEditors(value as JsonSchema, { values, inside: atValue });
  const plain: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword.startsWith('x-')) continue;
    if (keyword === 'format' && value === 'kubesim-duration') plain.pattern = DURATION_PATTERN;
    else if (keyword === 'format' && value === 'kubesim-regex') continue;
    else if (SCHEMA_MAPS.has(keyword))
      plain[keyword] = Object.fromEntries(Object.entries(value as object).map(([name, each]) => [name, nested(each, true)]));
    else if (SCHEMA_LISTS.has(keyword)) plain[keyword] = (value as unknown[]).map((each) => nested(each, false));
    else if (SCHEMAS.has(keyword)) plain[keyword] = nested(value, keyword === 'items' || keyword === 'additionalProperties');
    else plain[keyword] = value;
  }
  return values && inside && !takesAnyText(plain) ? withExpression(plain) : plain;
}

/** True where any text fits already, so that an expression does too. */
function takesAnyText({ type, pattern, enum: values, const: value, not, anyOf, oneOf, minLength, maxLength }: Keywords): boolean {
  const limited = [pattern, values, value, not, minLength, maxLength].some((each) => each !== undefined);
  if (anyOf !== undefined || oneOf !== undefined) return false;
  return !limited && (type === undefined || [type].flat().includes('string'));
}

/** The description and the default stay outside, where editors look for them. */
function withExpression({ description, default: standard, ...rest }: Keywords): Keywords {
  const outside = { ...(description === undefined ? {} : { description }), ...(standard === undefined ? {} : { default: standard }) };
  return { ...outside, anyOf: [...(Array.isArray(rest.anyOf) && Object.keys(rest).length === 1 ? rest.anyOf : [rest]), EXPRESSION] };
}
