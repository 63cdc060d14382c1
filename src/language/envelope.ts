// The frame of a playbook, the same for every step type: its schema.
import type { JsonSchema, StepLanguage } from './definition.ts';
import { durationSchema } from './duration.ts';

const API_VERSION = 'kubesim/v1alpha1';

/** Words of CEL: an id with such a name could not be read in an expression. */
const CEL_WORDS = [
  'as',
  'break',
  'const',
  'continue',
  'else',
  'false',
  'for',
  'function',
  'if',
  'import',
  'in',
  'let',
  'loop',
  'namespace',
  'null',
  'package',
  'return',
  'true',
  'var',
  'void',
  'while',
];

const identifier = {
  type: 'string',
  pattern: '^[a-z][a-zA-Z0-9]*$',
  maxLength: 63,
  not: { enum: CEL_WORDS },
  'x-says': 'must begin with a small letter, hold only letters and digits, and be no word of CEL',
} as const;

const inputSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['type'],
  properties: {
    type: { enum: ['string', 'integer', 'number', 'boolean', 'duration', 'enum', 'secret'], description: 'Type of the input.' },
    description: { type: 'string', description: 'What the input is for.' },
    default: { description: 'Value where none is given. Without one the input must be given.' },
    values: { type: 'array', minItems: 1, uniqueItems: true, items: { type: 'string' }, description: 'The values of an enum.' },
    pattern: {
      type: 'string',
      format: 'kubesim-regex',
      description: 'A regular expression (RE2 syntax) that is found in the text; anchor it with `^` and `$`.',
    },
  },
  if: { required: ['type'], properties: { type: { const: 'enum' } } },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { required: ['values'] },
} as const;

/** Keys that every step may have beside the one that names its type. */
const STEP_KEYS = {
  name: { type: 'string', minLength: 1, maxLength: 200, description: 'What the step does, for people.' },
  id: { ...identifier, description: 'Name by which expressions and expectations reach the step.' },
  attack: {
    type: 'array',
    minItems: 1,
    uniqueItems: true,
    items: { type: 'string', pattern: '^T\\d{4}(\\.\\d{3})?$', 'x-says': 'must be an ATT&CK technique such as `T1046` or `T1552.005`' },
    description: 'ATT&CK techniques of this step. They make it an attack step, whose alerts can be expected.',
  },
  when: { type: 'string', 'x-expression': 'cel', description: 'A CEL condition; where it is false, the step is skipped.' },
  timeout: { ...durationSchema, description: 'How long the step may take, e.g. `90s`.' },
  continueOnError: { type: 'boolean', default: false, description: 'Whether the playbook goes on when this step fails.' },
} as const;

export const STEP_KEY_NAMES: readonly string[] = Object.keys(STEP_KEYS);

/** The schema of one step; `bodies` gives the schema under each type's key. */
export function stepSchema(bodies: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: 'object', additionalProperties: false, properties: { ...STEP_KEYS, ...bodies } };
}

/** The schema of a whole playbook, given that of a step. */
export function playbookSchema(step: JsonSchema): JsonSchema {
  return {
    type: 'object',
    additionalProperties: false,
    required: ['apiVersion', 'kind', 'metadata', 'steps'],
    properties: {
      apiVersion: { const: API_VERSION, description: 'Version of the playbook language.' },
      kind: { const: 'Playbook', description: 'Always `Playbook`.' },
      metadata: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'title'],
        description: 'What the playbook is.',
        properties: {
          name: {
            type: 'string',
            pattern: '^[a-z]([a-z0-9-]*[a-z0-9])?$',
            maxLength: 63,
            'x-says': 'must begin with a small letter and hold only small letters, digits and `-`',
            description: "The playbook's name: that of its file, without the ending.",
          },
          title: { type: 'string', minLength: 1, maxLength: 200, description: 'The name that people read.' },
          description: { type: 'string', description: 'What the attacker does, and what should be seen.' },
          risk: {
            enum: ['low', 'high'],
            default: 'low',
            description: '`high` where something outside the namespace of the run is touched.',
          },
        },
      },
      inputs: {
        type: 'object',
        propertyNames: identifier,
        additionalProperties: inputSchema,
        description: 'Values that a run may set with `--set name=value`; expressions read them as `inputs.name`.',
      },
      variables: {
        type: 'object',
        propertyNames: identifier,
        additionalProperties: { type: 'string' },
        description: 'Named texts; expressions read them as `variables.name`. May use `inputs`, `run` and the variables above.',
      },
      steps: { type: 'array', minItems: 1, items: step, description: 'What is done, in this order.' },
      finally: { type: 'array', items: step, description: 'What is done at the end, whether or not a step failed.' },
    },
  };
}

const envelopes = new WeakMap<readonly StepLanguage[], JsonSchema>();

/** The schema of the frame alone: what stands under a step type's key is left to that type. */
export function envelopeSchema(stepTypes: readonly StepLanguage[]): JsonSchema {
  const known = envelopes.get(stepTypes);
  if (known !== undefined) return known;
  const schema = playbookSchema(stepSchema(Object.fromEntries(stepTypes.map(({ type }) => [type, true]))));
  envelopes.set(stepTypes, schema);
  return schema;
}
