// Validators for the schemas of playbooks, made when the program is built: so it checks playbooks without loading ajv.
import { _ } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import type { Plugin } from 'rolldown';
import type { JsonSchema } from '../src/language/definition.ts';
import { envelopeSchema, oneStepSchema } from '../src/language/envelope.ts';
import { playbookAjv } from '../src/language/schema-compiler.ts';
import { stepTypes } from '../src/steps/index.ts';

/** What checkSchema is given for a playbook: the frame, a step, and the body of each type. */
export const checkedSchemas: readonly JsonSchema[] = [envelopeSchema, oneStepSchema(stepTypes), ...stepTypes.map(({ schema }) => schema)];

/** Puts a module of ready-made validators in the place of src/language/schema-compiler.ts, which stays as an entry of its own. */
export function readyValidators(root: string): Plugin {
  const id = `${root}src/language/ready-validators.js`;
  return {
    name: 'ready-validators',
    resolveId: {
      order: 'pre',
      handler: (source, importer) => (importer !== undefined && source === './schema-compiler.ts' ? id : undefined),
    },
    load: (each) => (each === id ? validatorsModule('./schema-compiler.cjs') : undefined),
  };
}

/**
 * `compileSchema`, which knows the schema of the frame and of each step type, and others of the same content. Any other schema is compiled as it
 * is from the sources, by the module named `compiler`.
 */
function validatorsModule(compiler: string): string {
  const schemas = checkedSchemas as readonly object[];
  const ajv = playbookAjv({ code: { source: true, esm: true, formats: _`formats` } });
  for (const [index, schema] of schemas.entries()) ajv.addSchema(schema, `validate${index}`);
  const code = standalone.default(ajv, Object.fromEntries(schemas.map((_, index) => [`check${index}`, `validate${index}`])));
  const texts = schemas.map((schema, index) => {
    // Messages quote the schema, so the code holds it already.
    const names = ajv.getSchema(`validate${index}`)?.source?.scopeValues.schema;
    const text = [...(names ?? [])].find(({ value }) => value?.ref === schema);
    if (text === undefined) throw new Error(`the validator of ${JSON.stringify(schema).slice(0, 80)} does not hold its schema`);
    return text.str;
  });
  const checks = schemas.map((_, index) => `check${index}`);
  return `import { envelopeSchema, oneStepSchema } from './envelope.ts';
import { formats } from './schema-formats.ts';
import { stepTypes } from '../steps/index.ts';
${code.replace(/const (\w+) = require\("([^"]+)"\)\.default;/g, "import $1 from '$2.js';")}
const checks = [${checks.join(', ')}];
let compiled;
/** The program's own schemas, as they are when all of it is loaded. */
const begin = () => new WeakMap(
  [envelopeSchema, oneStepSchema(stepTypes), ...stepTypes.map(({ schema }) => schema)].map((schema, index) => [schema, checks[index]]),
);
const ofText = (text) => checks[[${texts.join(', ')}].findIndex((schema) => JSON.stringify(schema) === text)];
export function compileSchema(schema) {
  compiled ??= begin();
  let validate = compiled.get(schema);
  if (validate === undefined) {
    validate = ofText(JSON.stringify(schema)) ?? module.require('${compiler}').compileSchema(schema);
    if (typeof schema === 'object') compiled.set(schema, validate);
  }
  return validate;
}
`;
}
