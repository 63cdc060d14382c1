// JSON Schema to functions (ajv), with the keywords and formats of playbooks. In the built program scripts/validators.ts stands in for this file.
import { _, Ajv2020, type KeywordCxt, type Options, str, stringify, type ValidateFunction } from 'ajv/dist/2020.js';
import type { JsonSchema } from './definition.ts';
import { formats } from './schema-formats.ts';

/** `this` of a validating function: it collects the places that the schema marks with `x-expression`. */
export interface Collector {
  places: { pointer: string; mode: 'cel' | 'inputs'; variables?: readonly string[] }[];
}

export type Validate = ValidateFunction & ((this: Collector, value: unknown) => boolean);

/** An ajv that knows the keywords and formats of playbooks. */
export function playbookAjv(options: Pick<Options, 'code'> = {}): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors: true,
    verbose: true,
    strict: true,
    strictTypes: false,
    strictRequired: false,
    logger: false,
    passContext: true,
    ...options,
  });
  for (const [name, format] of Object.entries(formats)) ajv.addFormat(name, format);
  ajv.addVocabulary(['x-variables', 'x-says', 'x-example', 'x-instead', 'x-suggest']);
  ajv.addKeyword({ keyword: 'x-expression', metaSchema: { enum: ['cel', 'inputs'] }, code: collectPlace });
  return ajv;
}

/** Code and not a function, so that it can be written to a file. */
function collectPlace({ gen, schema: mode, parentSchema: { 'x-variables': variables }, it }: KeywordCxt): void {
  const pointer = str`${_`instancePath`}${it.errorPath}`;
  const more = variables === undefined ? _`` : _`, variables: ${stringify(variables)}`;
  gen.code(_`this.places.push({pointer: ${pointer}, mode: ${mode}${more}})`);
}

const ajv = playbookAjv();
const compiled = new WeakMap<object, Validate>();

/** The function that checks values against a schema. */
export function compileSchema(schema: JsonSchema): Validate {
  if (typeof schema === 'boolean') return ajv.compile(schema) as Validate;
  let validate = compiled.get(schema);
  if (validate === undefined) {
    validate = ajv.compile(schema) as Validate;
    compiled.set(schema, validate);
  }
  return validate;
}
