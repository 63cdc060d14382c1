// The page of a key of a playbook or a step, found by its path.
import type { JsonSchema } from '../language/definition.ts';
import { type Field, fields, list, type Page, section, text } from './page.ts';
import { childrenOf, demandsOf, descriptionOf, fieldsOf, typeText } from './schema-words.ts';

/** Where a path ends, or how far it leads: `at` is the part that exists, `keys` what stands there. */
export type Found = { schema: JsonSchema; required: boolean } | { at: string[]; missing: string; keys: string[] };

/** Follows a path through a schema; lists are passed through, and where authors name the keys any name will do. */
export function findKey(root: JsonSchema, path: readonly string[]): Found {
  let schema = root;
  let required = false;
  for (const [index, name] of path.entries()) {
    const children = childrenOf(schema);
    const child = children.get(name) ?? children.get('<name>');
    if (child === undefined) return { at: path.slice(0, index), missing: name, keys: [...children.keys()] };
    ({ schema, required } = child);
  }
  return { schema, required };
}

export function keyPage(name: string, { schema, required }: { schema: JsonSchema; required: boolean }): Page {
  const all = fieldsOf(schema);
  const isLong = countOf(all) > MOST_FIELDS;
  const standard = typeof schema === 'object' ? schema.default : undefined;
  return {
    kind: 'key',
    name,
    summary: descriptionOf(schema),
    sections: [
      ...section(
        'Type',
        text(`${typeText(schema)}${required ? ', required' : ''}${standard === undefined ? '' : `; default \`${standard}\``}`),
      ),
      ...section('Examples', list(examplesOf(schema))),
      ...section('Keys', list(demandsOf(schema)), fields(isLong ? all.map((field) => ({ ...field, fields: [] })) : all)),
      ...(isLong ? section('More', text(`The keys inside: ask for \`${name}.KEY\`.`)) : []),
    ],
  };
}

/** With more of them only the first level is shown. */
const MOST_FIELDS = 40;

const countOf = (list: readonly Field[]): number => list.reduce((sum, { fields: inner }) => sum + 1 + countOf(inner), 0);

function examplesOf(schema: JsonSchema): string[] {
  const examples = typeof schema === 'object' && Array.isArray(schema.examples) ? schema.examples : [];
  return examples.map((example) => `\`${typeof example === 'string' ? example : JSON.stringify(example)}\``);
}
