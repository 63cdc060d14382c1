// The shape of an entry of the alerts/ catalogue; schemas/alert.schema.json is this object, for editors.
import { DURATION_PATTERN } from '../language/duration.ts';

const needs = { type: 'array', minItems: 1, uniqueItems: true, items: { enum: ['process', 'file', 'network', 'audit'] } };
const texts = { type: 'array', minItems: 1, uniqueItems: true, items: { type: 'string', minLength: 1 } };

/** JSON Schema (2020-12) of one file of alerts/. */
export const alertSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'An alert of the catalogue: one behaviour, and what each product calls it',
  type: 'object',
  additionalProperties: false,
  required: ['id', 'title', 'description', 'attack', 'needs', 'products'],
  properties: {
    id: { description: 'What playbooks write; also the name of the file.', type: 'string', pattern: '^[a-z][a-z0-9]*(-[a-z0-9]+)*$' },
    title: { description: 'The behaviour in a few words.', type: 'string', minLength: 1 },
    description: { description: 'What happened when this alert is right, in one sentence.', type: 'string', minLength: 1 },
    attack: {
      description: 'Ids of ATT&CK techniques.',
      type: 'array',
      minItems: 1,
      uniqueItems: true,
      items: { type: 'string', pattern: '^T[0-9]{4}(\\.[0-9]{3})?$' },
    },
    needs: {
      ...needs,
      description:
        'What a source must see to raise it, each of them: starts of processes, opened files, connections, the audit log of the API server.',
    },
    products: {
      description: 'By the key of a product, as its alert source gives it.',
      type: 'object',
      minProperties: 1,
      propertyNames: { pattern: '^[a-z][a-z0-9]*(-[a-z0-9]+)*$' },
      additionalProperties: { $ref: '#/$defs/product' },
    },
  },
  $defs: {
    product: {
      type: 'object',
      additionalProperties: false,
      anyOf: [{ required: ['names'] }, { required: ['types'] }, { required: ['rules'] }],
      properties: {
        names: { ...texts, description: 'Display names; compared without case, "(Preview)" and the like.' },
        types: {
          description: "The product's own ids of the detection.",
          type: 'array',
          minItems: 1,
          items: {
            type: 'object',
            additionalProperties: false,
            required: ['id', 'evidence'],
            properties: {
              id: { type: 'string', minLength: 1 },
              evidence: {
                description: 'published: by the product; observed: in real alerts or rules; inferred: a guess, never enough to match.',
                enum: ['published', 'observed', 'inferred'],
              },
            },
          },
        },
        rules: {
          description: 'Names of detection rules.',
          type: 'array',
          minItems: 1,
          items: {
            type: 'object',
            additionalProperties: false,
            required: ['name'],
            properties: {
              name: { type: 'string', minLength: 1 },
              maturity: {
                description: 'Falco loads only stable rules unless told otherwise.',
                enum: ['stable', 'incubating', 'sandbox', 'deprecated'],
              },
            },
          },
        },
        needs: { ...needs, description: "Where this product's detection needs something else than that: what." },
        severity: { enum: ['informational', 'low', 'medium', 'high', 'critical'] },
        delay: { description: 'How long the alert usually takes, and how that is known.', type: 'string', minLength: 1 },
        longest: {
          description: 'The longest delay that is usual, for explaining an alert that did not come in its window.',
          type: 'string',
          pattern: DURATION_PATTERN,
        },
        blocks: { ...texts, description: 'Those of `names` by which the product says that it stopped what it saw.' },
        preconditions: { ...texts, description: 'Without these the alert cannot come; one sentence each.' },
      },
    },
  },
} as const;
