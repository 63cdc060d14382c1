// What to write instead, as far as a schema and the value that does not fit it tell.
import { hintFor } from './suggest.ts';

/** What of a schema a hint may use. */
export interface Hinting {
  type?: string | readonly string[];
  enum?: readonly unknown[];
  properties?: Readonly<Record<string, Hinting | boolean>>;
  items?: Hinting | boolean;
  required?: readonly string[];
  anyOf?: readonly Hinting[];
  oneOf?: readonly Hinting[];
  'x-example'?: string;
}

/** For a value of a wrong type: the form that is meant, with the value in it where that is clear. */
export function typeHint(schema: Hinting, value: unknown): string | undefined {
  if (value === null) return 'nothing stands here: what belongs to it is indented deeper, and text that begins with `#` stands in quotes';
  const wants = (type: string) => [schema.type].flat().includes(type);
  if (wants('string') && (typeof value === 'number' || typeof value === 'boolean')) return 'put it in quotes';
  if (wants('boolean') && typeof value === 'string') return BOOLEANS.get(value.toLowerCase());
  if ((wants('integer') || wants('number')) && typeof value === 'string')
    return /^-?\d+(\.\d+)?$/.test(value) ? `write it without quotes: \`${value}\`` : undefined;
  if (wants('object')) return formOfMap(schema, value);
  if (wants('array')) return formOfList(schema, value);
  return schema['x-example'] && example(schema['x-example']);
}

const BOOLEANS = new Map([
  ...['yes', 'on', 'y', 'true'].map((word) => [word, 'YAML 1.2 writes `true`, without quotes'] as const),
  ...['no', 'off', 'n', 'false'].map((word) => [word, 'YAML 1.2 writes `false`, without quotes'] as const),
]);

const example = (text: string): string => `e.g. \`${text}\``;

/** Text that means the same inside `{}` and `[]`. */
const isPlain = (value: unknown): boolean =>
  Number.isFinite(value) || typeof value === 'boolean' || (typeof value === 'string' && /^[A-Za-z0-9][\w./-]{0,60}$/.test(value));

function formOfMap(schema: Hinting, value: unknown): string | undefined {
  const { properties = {}, required = [], oneOf = [] } = schema;
  // The one key that must be there, or the first of those that may.
  const [key, ...more] = oneOf.length === 0 ? required : required.length === 0 ? (oneOf[0]?.required ?? []) : [];
  if (key !== undefined && more.length === 0 && isPlain(value) && fits(properties[key], value)) return `write \`{${key}: ${value}}\``;
  if (schema['x-example'] !== undefined) return example(schema['x-example']);
  const keys = Object.keys(properties);
  if (keys.length > 0) return hintFor('', keys, 'its keys are');
  return Array.isArray(value) ? 'write `key: value`, without `- `' : undefined;
}

function formOfList({ items, 'x-example': shown }: Hinting, value: unknown): string | undefined {
  if (shown !== undefined) return example(shown);
  if (typeof value === 'object') return 'each item of a list begins with `- `';
  return isPlain(value) && fits(items, value) ? `write \`[${value}]\`` : undefined;
}

function fits(schema: Hinting | boolean | undefined, value: unknown): boolean {
  if (typeof schema !== 'object') return schema !== false;
  if (schema.enum !== undefined) return schema.enum.includes(value);
  if (schema.anyOf !== undefined) return schema.anyOf.some((each) => fits(each, value));
  const types = schema.type === undefined ? [] : [schema.type].flat();
  return types.length === 0 || types.includes(typeof value) || (types.includes('integer') && Number.isInteger(value));
}

const words = (text: string): string[] => text.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
const small = (word: string): string => word.charAt(0).toLowerCase() + word.slice(1);
const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** Ways in which people write a name that a pattern refuses: in capitals or not, as one word, with hyphens. */
const SPELLINGS: readonly ((name: string) => string)[] = [
  (name) => name.toUpperCase(),
  small,
  (name) =>
    words(name)
      .map((word, index) => (index === 0 ? small(word) : capital(word)))
      .join(''),
  (name) =>
    words(name.replace(/([a-z0-9])([A-Z])/g, '$1-$2'))
      .join('-')
      .toLowerCase(),
];

/** For a name or a path that a pattern refuses: the same one as the pattern wants it. */
export function nameHint(pattern: string, name: string): string | undefined {
  const isName = /^[A-Za-z][A-Za-z0-9_. -]{0,100}$/.test(name);
  const isPath = /^[A-Za-z0-9_-]+\/[A-Za-z0-9_./-]{1,100}$/.test(name);
  const spellings = isName ? SPELLINGS.map((spell) => spell(name)) : isPath ? [`./${name}`] : [];
  const accepted = new RegExp(pattern, 'u');
  const better = spellings.find((each) => each !== name && accepted.test(each));
  return better === undefined ? undefined : `did you mean \`${better}\`?`;
}
