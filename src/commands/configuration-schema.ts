// The shape of the operator's configuration: the frame, and each alert source by the schema of its type.
import { commonSettings, secretSchema } from '../adapters/alert-sources/settings.ts';
import type { SourceType } from '../adapters/alert-sources/source-type.ts';
import type { JsonSchema } from '../language/definition.ts';
import { forEditing } from '../language/published-schema.ts';
import { isMap } from '../language/untyped.ts';

type Keywords = Exclude<JsonSchema, boolean>;

const nameSchema = {
  type: 'string',
  pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$',
  'x-says': 'must be of small letters, digits and hyphens',
  description: 'How playbooks and commands call the source: `expect-alert: {source: NAME}`, `sim alerts tail NAME`.',
} as const;

/** The frame, with what an entry of `alertSources` must be. */
const frame = (entry: Keywords): Keywords => ({
  type: 'object',
  additionalProperties: false,
  required: ['apiVersion', 'kind'],
  properties: {
    apiVersion: { const: 'kubesim/v1', description: 'Version of the configuration.' },
    kind: { const: 'Configuration', description: 'What this file is.' },
    alertSources: { type: 'array', maxItems: 50, items: entry, description: 'Products that raise alerts.' },
  },
});

/** What is common to all entries; their other keys are checked by type. */
export const frameSchema = (types: readonly SourceType[]): Keywords =>
  frame({
    type: 'object',
    required: ['name', 'type'],
    properties: {
      name: nameSchema,
      type: { enum: types.map(({ type }) => type), description: 'What kind of product it is.' },
    },
  });

const schemas = new WeakMap<SourceType, Keywords>();

/** One entry of a type. */
export function sourceSchema(type: SourceType): Keywords {
  const known = schemas.get(type);
  if (known !== undefined) return known;
  const schema: Keywords = {
    type: 'object',
    additionalProperties: false,
    required: ['name', 'type', ...(type.schema.required ?? [])],
    properties: {
      name: nameSchema,
      type: { const: type.type, description: type.summary },
      ...type.schema.properties,
      ...commonSettings,
    },
  };
  schemas.set(type, schema);
  return schema;
}

/** One JSON Schema of the whole, for editors. */
export const configurationSchema = (types: readonly SourceType[]): JsonSchema => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'kubesim configuration',
  description: "The operator's configuration of sim: where alerts are read.",
  ...(forEditing(
    // Each form is told by the constant at its `type`.
    frame({ oneOf: types.map(sourceSchema) }),
  ) as Keywords),
});

/** Places where a schema wants a secret and the value has something else. */
export function inlineSecrets(schema: JsonSchema, value: unknown, path: readonly (string | number)[] = []): (string | number)[][] {
  if (typeof schema === 'boolean') return [];
  if (schema.properties === secretSchema.properties) return isMap(value) || value === null || value === undefined ? [] : [[...path]];
  if (!isMap(value)) return [];
  const properties = (schema.properties ?? {}) as Record<string, JsonSchema>;
  return Object.entries(value).flatMap(([key, inner]) => {
    const own = Object.hasOwn(properties, key) ? properties[key] : (schema.additionalProperties as JsonSchema | undefined);
    return own === undefined ? [] : inlineSecrets(own, inner, [...path, key]);
  });
}
