// The frame of a playbook, the same for every step type: its schema.
import type { JsonSchema, StepLanguage } from './definition.ts';
import { durationSchema } from './duration.ts';
import {
  inputTypeWords,
  inputWords,
  metadataWords,
  type OtherWords,
  playbookWords,
  repeatWords,
  retryWords,
  stepWords,
} from './other-words.ts';

/** Frozen: what a playbook of it may say, it may say in every later version of the tool. */
export const API_VERSION = 'kubesim/v1';
/** What it was called before; the keys are the same. */
export const FORMER_API_VERSION = 'kubesim/v1alpha1';

/** Words of CEL: an id with such a name could not be read in an expression. */
export const CEL_WORDS: readonly string[] = [
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
  'x-example': '{type: integer, default: 443}',
  'x-instead': inputWords,
  properties: {
    type: {
      enum: ['string', 'integer', 'number', 'boolean', 'duration', 'enum', 'secret'],
      'x-instead': inputTypeWords,
      description: 'Type of the input.',
    },
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
    items: {
      type: 'string',
      pattern: '^T\\d{4}(\\.\\d{3})?$',
      'x-says': 'must be an ATT&CK technique such as `T1046` or `T1552.005`',
      'x-suggest': 'techniques',
    },
    description: 'ATT&CK techniques of this step. They make it an attack step, whose alerts can be expected.',
  },
  when: { type: 'string', 'x-expression': 'cel', description: 'A CEL condition; where it is false, the step is skipped.' },
  timeout: {
    ...durationSchema,
    description:
      'How long the step may take, e.g. `90s`; with `retry` or `repeat`: each time. With `uses`: the whole file, and each step in it that names none.',
  },
  retry: {
    type: 'object',
    additionalProperties: false,
    required: ['attempts'],
    'x-instead': retryWords,
    description: 'Tries the step again when it fails, or until a condition is true.',
    properties: {
      attempts: { type: 'integer', minimum: 1, maximum: 100, description: 'How often the step is tried at most, the first time included.' },
      delay: { ...durationSchema, default: '1s', description: 'Pause before the second attempt.' },
      backoff: { type: 'number', minimum: 1, maximum: 10, default: 1, description: 'How many times longer each further pause is.' },
      until: {
        type: 'string',
        'x-expression': 'cel',
        description:
          'A CEL condition over `outputs`, what the attempt yielded, e.g. `outputs.status == 200`. Absent: until the step succeeds.',
      },
    },
  },
  repeat: {
    type: 'object',
    additionalProperties: false,
    required: ['times'],
    'x-instead': repeatWords,
    description: 'Does the step several times, for detectors that learn; an expected alert then says how many of them it must follow.',
    properties: {
      times: { type: 'integer', minimum: 1, maximum: 100, description: 'How often.' },
      every: { ...durationSchema, default: '1s', description: 'Pause between one time and the next.' },
    },
  },
  continueOnError: { type: 'boolean', default: false, description: 'Whether the playbook goes on when this step fails.' },
} as const;

/** Keys that may stand beside `parallel`: the rest belongs to the steps inside. */
const PARALLEL_KEYS: readonly string[] = ['name', 'when', 'timeout', 'continueOnError'];

export const STEP_KEY_NAMES: readonly string[] = Object.keys(STEP_KEYS);

/** A path from the folder of the file itself. */
export const USES_PATTERN = /^\.{1,2}\/.+\.ya?ml$/;

/** Keys that hold other steps instead of naming a step type, and `with`, which goes with `uses`. */
export const GROUP_KEYS = ['parallel', 'uses'] as const;

/**
 * The schema of one step; `bodies` gives the schema under each type's key, `step` that of the steps inside `parallel`, `words` what step types
 * say to the words of other tools.
 */
export function stepSchema(bodies: Readonly<Record<string, JsonSchema>>, step: JsonSchema, words: OtherWords = {}): JsonSchema {
  return {
    type: 'object',
    additionalProperties: false,
    'x-instead': { ...stepWords, ...words },
    properties: {
      ...STEP_KEYS,
      ...bodies,
      parallel: { type: 'array', minItems: 2, items: step, description: 'Steps that run together; the next step waits for all of them.' },
      uses: {
        type: 'string',
        pattern: USES_PATTERN.source,
        'x-says': 'must be the path of a YAML file that begins with `./` or `../`',
        description: "Runs the steps of another file, a StepTemplate or a Playbook, by its path from this file's folder.",
      },
      with: { type: 'object', description: 'Values for the inputs of the file that `uses` names.' },
    },
    dependentRequired: { with: ['uses'] },
    // What is not here would be ignored, and so is refused.
    if: { required: ['parallel'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { properties: Object.fromEntries(STEP_KEY_NAMES.filter((key) => !PARALLEL_KEYS.includes(key)).map((key) => [key, insideOnly])) },
  };
}

const insideOnly = {
  not: {},
  description: 'Belongs to the steps inside.',
  'x-says': 'cannot stand beside `parallel`: give it to the steps inside',
} as const;

/** Time for all steps where a playbook names none, milliseconds. */
export const DEFAULT_RUN_TIMEOUT = 3_600_000;

/** The schema of a whole file, given that of a step. */
export function playbookSchema(step: JsonSchema): JsonSchema {
  return {
    type: 'object',
    additionalProperties: false,
    required: ['apiVersion', 'kind', 'metadata', 'steps'],
    'x-instead': playbookWords,
    properties: {
      apiVersion: { const: API_VERSION, description: 'Version of the playbook language.' },
      kind: {
        enum: ['Playbook', 'StepTemplate'],
        description: '`Playbook`: a scenario that can be run. `StepTemplate`: steps that others take in with `uses`.',
      },
      metadata: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'title'],
        'x-example': '{name: web-shell, title: Use a web shell}',
        'x-instead': metadataWords,
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
      timeout: { ...durationSchema, default: '1h', description: 'How long all steps together may take, e.g. `20m`.' },
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
      outputs: {
        type: 'object',
        propertyNames: identifier,
        description: 'What a file that uses this one reads as `steps.<id>.<name>`.',
      },
    },
  };
}

/** The schema of the frame alone: steps are checked one by one (`oneStepSchema`). */
export const envelopeSchema: JsonSchema = playbookSchema(true);

const steps = new WeakMap<readonly StepLanguage[], JsonSchema>();

/** The schema of one step alone: what stands under its type's key, and inside `parallel`, is checked apart. */
export function oneStepSchema(stepTypes: readonly StepLanguage[]): JsonSchema {
  const known = steps.get(stepTypes);
  if (known !== undefined) return known;
  const schema = stepSchema(Object.fromEntries(stepTypes.map(({ type }) => [type, true])), true, wordsOf(stepTypes));
  steps.set(stepTypes, schema);
  return schema;
}

/** What people write where they mean a step type: another name of it, or a key that stands inside it. */
function wordsOf(stepTypes: readonly StepLanguage[]): OtherWords {
  const words = new Map<string, string[]>();
  for (const { type, schema } of stepTypes) {
    const { properties = {} } = schema as { properties?: object };
    for (const key of Object.keys(properties)) words.set(key, [...(words.get(key) ?? []), type]);
  }
  const inside = [...words].map(([key, types]) => [
    key,
    `it stands inside ${types.map((type) => `\`${type}\``).join(', ')}, indented deeper`,
  ]);
  const others = stepTypes.flatMap(({ type, schema, otherNames = [] }) => {
    const { 'x-example': example } = schema as { 'x-example'?: string };
    return otherNames.map((name) => [name, `did you mean \`${type}\`?${example === undefined ? '' : ` e.g. \`${type}: ${example}\``}`]);
  });
  return Object.fromEntries([...others, ...inside]);
}
