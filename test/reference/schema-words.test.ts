import { expect, test } from 'vitest';
import type { JsonSchema } from '../../src/language/definition.ts';
import { durationSchema } from '../../src/language/duration.ts';
import { matcherSchema } from '../../src/language/matcher.ts';
import { demandsOf, fieldsOf, typeText } from '../../src/reference/schema-words.ts';

test.each<[JsonSchema, string]>([
  [{ type: 'string' }, 'text'],
  [{ type: ['string', 'number', 'boolean'] }, 'text, number or true or false'],
  [{ type: 'array', items: { type: 'string' } }, 'list of text'],
  [{ type: 'array', items: { type: 'object' } }, 'list of maps'],
  [{ type: 'object', additionalProperties: { type: 'string' } }, 'map of text'],
  [{ enum: ['a', 'b'] }, 'one of `a`, `b`'],
  [{ const: 'a' }, '`a`'],
  [{ anyOf: [{ type: 'string' }, { type: 'object' }] }, 'text or map'],
  [{ type: 'string', 'x-expression': 'cel' }, 'CEL'],
  [durationSchema, 'duration'],
  [{ ...matcherSchema, description: 'x' }, 'matcher'],
  [{}, 'anything'],
  [true, 'anything'],
])('%j is %s', (schema, words) => expect(typeText(schema)).toBe(words));

test('keys are found through alternatives, lists and names that the author gives', () => {
  const schema: JsonSchema = {
    type: 'object',
    properties: {
      pod: {
        anyOf: [
          { type: 'string' },
          { type: 'object', required: ['selector'], properties: { selector: { type: 'string', description: 'Labels.' } } },
        ],
      },
      roles: { type: 'object', additionalProperties: { type: 'object', properties: { labels: { type: 'object' } } } },
      list: { type: 'array', items: { type: 'object', properties: { name: { type: 'string', default: 'x' } } } },
    },
  };
  const leaves = fieldsOf(schema).flatMap(({ name, fields }) => fields.map((field) => [name, field.name, field.required, field.default]));
  expect(leaves).toEqual([
    ['pod', 'selector', true, undefined],
    ['roles', '<name>', false, undefined],
    ['list', 'name', false, 'x'],
  ]);
});

test('what keys ask of each other', () => {
  expect(demandsOf({ oneOf: [{ required: ['a'] }, { required: ['b'] }], dependentRequired: { c: ['a'] } })).toEqual([
    'Exactly one of `a`, `b`.',
    '`c` only together with `a`.',
  ]);
  expect(demandsOf({ oneOf: [{ type: 'string' }, { type: 'object' }] })).toEqual([]);
});
