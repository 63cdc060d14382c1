// JSON Schema in the words that lint uses: what a value may be, and what its keys are.
import type { JsonSchema } from '../language/definition.ts';
import { matcherSchema } from '../language/matcher.ts';
import type { Field } from './page.ts';

type Keywords = Readonly<Record<string, unknown>>;

const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  object: 'map',
  array: 'list',
  null: 'nothing',
};

const isSchema = (value: unknown): value is Keywords => typeof value === 'object' && value !== null && !Array.isArray(value);
const schemasIn = (value: unknown): Keywords[] => (Array.isArray(value) ? value.filter(isSchema) : isSchema(value) ? [value] : []);
const quoted = (values: readonly unknown[]): string => values.map((value) => `\`${value}\``).join(', ');

/** `expect` has one shape everywhere; it is explained once. */
const isMatcher = ({ anyOf }: Keywords): boolean => anyOf === matcherSchema.anyOf;

/** What a value may be, e.g. "list of text", "text or map", "one of `low`, `high`". */
export function typeText(schema: JsonSchema): string {
  if (!isSchema(schema)) return 'anything';
  if (isMatcher(schema)) return 'matcher';
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (Array.isArray(schema.enum)) return `one of ${quoted(schema.enum)}`;
  if (schema['x-expression'] === 'cel') return 'CEL';
  if (schema.format === 'kubesim-duration') return 'duration';
  if (schema.format === 'kubesim-regex') return 'regular expression';
  const types = [schema.type ?? []].flat() as string[];
  if (types.length > 0) return orList(types.map((type) => (type === 'array' ? listText(schema.items) : mapText(type, schema))));
  const forms = [...schemasIn(schema.anyOf), ...schemasIn(schema.oneOf)].map(typeText);
  return forms.length === 0 ? 'anything' : orList([...new Set(forms)]);
}

const orList = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;

function listText(items: unknown): string {
  return isSchema(items) ? `list of ${typeText(items).replace(/^map$/, 'maps')}` : 'list';
}

function mapText(type: string, { additionalProperties }: Keywords): string {
  const values = type === 'object' && isSchema(additionalProperties) ? typeText(additionalProperties) : 'map';
  return values === 'map' ? (WORDS[type] ?? type) : `map of ${values}`;
}

/** The keys of what a schema describes, through alternatives and lists; `<name>` stands for a key that the author names. */
export function childrenOf(schema: JsonSchema): Map<string, { schema: Keywords; required: boolean }> {
  const found = new Map<string, { schema: Keywords; required: boolean }>();
  const visit = (part: unknown): void => {
    if (!isSchema(part)) return;
    const { properties, required, items, additionalProperties, anyOf, oneOf, allOf } = part;
    const names = Array.isArray(required) ? required : [];
    for (const [name, child] of Object.entries(isSchema(properties) ? properties : {}))
      if (!found.has(name)) found.set(name, { schema: isSchema(child) ? child : {}, required: names.includes(name) });
    if (isSchema(additionalProperties)) found.set('<name>', { schema: additionalProperties, required: false });
    for (const inner of [...schemasIn(items), ...schemasIn(anyOf), ...schemasIn(oneOf), ...schemasIn(allOf)]) visit(inner);
  };
  visit(schema);
  return found;
}

/** The keys as fields, `depth` levels of them; a matcher is not unfolded. */
export function fieldsOf(schema: JsonSchema, depth = 10): Field[] {
  return [...childrenOf(schema)].map(([name, child]) => ({
    name,
    type: typeText(child.schema),
    required: child.required,
    description: descriptionOf(child.schema),
    ...(child.schema.default === undefined ? {} : { default: child.schema.default }),
    fields: depth > 1 && !isMatcher(child.schema) ? fieldsOf(child.schema, depth - 1) : [],
  }));
}

/** The description, and the limits that the type does not tell. */
export function descriptionOf(schema: JsonSchema): string {
  if (!isSchema(schema)) return '';
  const limited = schema['x-expression'] === 'inputs' ? ['Expressions in it may use `inputs` only.'] : [];
  const names = schema['x-variables'];
  const reads = Array.isArray(names) ? [`It reads ${quoted(names)}.`] : [];
  return [schema.description, ...reads, ...limited].filter((each) => typeof each === 'string').join(' ');
}

/** What a schema asks of its keys together, a sentence each. */
export function demandsOf(schema: JsonSchema): string[] {
  if (!isSchema(schema)) return [];
  const choice = (keyword: 'oneOf' | 'anyOf', words: string) => {
    const forms = schemasIn(schema[keyword]);
    const keys = forms.flatMap(({ required }) => (Array.isArray(required) ? [quoted(required)] : []));
    return forms.length > 0 && keys.length === forms.length ? [`${words} ${keys.join(', ')}.`] : [];
  };
  const dependent = Object.entries(isSchema(schema.dependentRequired) ? schema.dependentRequired : {});
  return [
    ...choice('oneOf', 'Exactly one of'),
    ...choice('anyOf', 'At least one of'),
    ...dependent.map(([key, needs]) => `\`${key}\` only together with ${quoted([needs].flat())}.`),
  ];
}
