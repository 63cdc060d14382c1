// One JSON Schema for editors, made from the same definitions that lint uses.
import type { JsonSchema, StepLanguage } from './definition.ts';
import { DURATION_PATTERN } from './duration.ts';
import { GROUP_KEYS, playbookSchema, stepSchema } from './envelope.ts';
import { stepSnippets } from './step-snippets.ts';

type Keywords = { readonly [keyword: string]: unknown };

/** Its title tells it from the other forms: editors that cannot do so show the descriptions of all. */
const EXPRESSION = { title: 'expression', type: 'string', pattern: '\\$\\{\\{' } as const;

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

/** A value that editors offer where a schema says `x-suggest`; others are taken too, for it is lint that knows what exists. */
export interface Suggestion {
  value: string;
  description: string;
}

/** By the word that stands at `x-suggest`. */
export type Suggestions = Readonly<Record<string, readonly Suggestion[]>>;

interface Manner {
  /** What stands in a step's body, where an expression may stand for any value. */
  values: boolean;
  /** This is not the body itself, which must be written out. */
  inside: boolean;
  suggestions: Suggestions;
}

/** The JSON Schema 2020-12 of a playbook with these step types. Editors complete, explain and check by it; `sim lint` checks more. */
export function publishedSchema(stepTypes: readonly StepLanguage[], suggestions: Suggestions = {}): JsonSchema {
  const bodyManner = { values: true, inside: false, suggestions };
  const frameManner = { values: false, inside: false, suggestions };
  const bodies = Object.fromEntries(
    stepTypes.map(({ type, summary, schema }) => [
      type,
      { title: type, description: summary, ...(forEditors(schema, bodyManner) as Keywords) },
    ]),
  );
  const step = forEditors(stepSchema({}, STEP), frameManner) as Keywords;
  const frame = forEditors(playbookSchema(STEP), frameManner) as Keywords;
  const types = [...stepTypes.map(({ type }) => type), ...GROUP_KEYS];
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'kubesim playbook',
    description: 'An attack scenario for Kubernetes, and the alerts that should come.',
    ...frame,
    $defs: {
      step: {
        title: 'step',
        description: 'A step: some common keys, and exactly one key that names its type.',
        defaultSnippets: stepSnippets(stepTypes),
        ...step,
        properties: { ...(step.properties as Keywords), ...bodies },
        oneOf: types.map((type) => ({
          required: [type],
          errorMessage: `A step has exactly one key that names its type: ${types.join(', ')}.`,
        })),
      },
    },
  };
}

/** The same for a schema of its own, in which no expressions stand. */
export const forEditing = (schema: JsonSchema): JsonSchema => forEditors(schema, { values: false, inside: false, suggestions: {} });

/** The same for a schema that holds no expressions, such as that of a detection rule. */
export const publishedPlainSchema = (
  title: string,
  description: string,
  schema: JsonSchema,
  suggestions: Suggestions = {},
): JsonSchema => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title,
  description,
  ...(forEditors(schema, { values: false, inside: false, suggestions }) as Keywords),
});

/** Turns our own keywords and formats into what editors understand. */
function forEditors(schema: JsonSchema, { values, inside, suggestions }: Manner): JsonSchema {
  if (typeof schema === 'boolean') return schema;
  const nested = (value: unknown, atValue: boolean) => forEditors(value as JsonSchema, { values, inside: atValue, suggestions });
  const plain: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === 'x-says') plain.patternErrorMessage = `The value ${value}.`;
    else if (keyword.startsWith('x-')) continue;
    else if (keyword === 'description') Object.assign(plain, describedBy(schema));
    // Editors would begin each new map with it, however rarely the key is needed.
    else if (keyword === 'default' && typeof value === 'boolean') continue;
    else if (keyword === 'format' && value === 'kubesim-duration')
      Object.assign(plain, { pattern: DURATION_PATTERN, patternErrorMessage: 'A duration is expected, such as 90s, 1m30s or 500ms.' });
    else if (keyword === 'format' && value === 'kubesim-regex') continue;
    else if (SCHEMA_MAPS.has(keyword))
      plain[keyword] = Object.fromEntries(Object.entries(value as object).map(([name, each]) => [name, nested(each, true)]));
    else if (SCHEMA_LISTS.has(keyword)) plain[keyword] = (value as unknown[]).map((each) => nested(each, false));
    else if (SCHEMAS.has(keyword)) plain[keyword] = nested(value, keyword === 'items' || keyword === 'additionalProperties');
    else plain[keyword] = value;
  }
  if (plain.description !== undefined && Array.isArray(plain.anyOf)) plain.anyOf = plain.anyOf.map(undescribed);
  const open = values && inside && !takesAnyText(plain) ? withExpression(plain) : plain;
  const offered = suggestions[String(schema['x-suggest'])] ?? [];
  return offered.length > 0 ? withSuggestions(open, offered) : open;
}

/** Editors show a default nowhere else; Markdown only where there is some, for those that read it. */
function describedBy({ description, default: standard }: Keywords): Keywords {
  const text = standard === undefined ? String(description) : `${description} Default: \`${standard}\`.`;
  return { description: text, ...(text.includes('`') ? { markdownDescription: text } : {}) };
}

/** True where any text fits already, so that an expression does too. */
function takesAnyText({ type, pattern, enum: values, const: value, not, anyOf, oneOf, minLength, maxLength }: Keywords): boolean {
  const limited = [pattern, values, value, not, minLength, maxLength].some((each) => each !== undefined);
  if (anyOf !== undefined || oneOf !== undefined) return false;
  return !limited && (type === undefined || [type].flat().includes('string'));
}

/** What stays outside of alternatives, where editors look for it: they show the first description that they meet, the innermost. */
function apart({ description, markdownDescription, default: standard, ...rest }: Keywords): { outside: Keywords; rest: Keywords } {
  const named = { description, markdownDescription, default: standard };
  return { outside: Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined)), rest };
}

const undescribed = (schema: unknown): unknown =>
  typeof schema === 'object' && schema !== null && !('const' in schema) ? apart(schema as Keywords).rest : schema;

function withExpression(schema: Keywords): Keywords {
  const { outside, rest } = apart(schema);
  return { ...outside, anyOf: [...formsOf(rest), EXPRESSION] };
}

const formsOf = (schema: Keywords): readonly unknown[] =>
  Array.isArray(schema.anyOf) && Object.keys(schema).length === 1 ? schema.anyOf : [schema];

/** Whatever fits, and the values that are offered with their meaning. */
function withSuggestions(schema: Keywords, offered: readonly Suggestion[]): Keywords {
  const { outside, rest } = apart(schema);
  const known = offered.map(({ value, description }) => ({ type: 'string', const: value, description }));
  return { ...outside, anyOf: [...formsOf(rest), ...known] };
}
