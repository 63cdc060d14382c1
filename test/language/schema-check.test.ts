import { expect, test } from 'vitest';
import type { JsonSchema } from '../../src/language/definition.ts';
import { checkSchema } from '../../src/language/schema-check.ts';

const messages = (schema: JsonSchema, value: unknown, expressions = false) =>
  checkSchema(schema, value, { name: 'the value', expressions }).problems.map(({ path, message }) => `${path.join('.')}: ${message}`);

const forms = {
  type: 'object',
  properties: {
    pod: {
      oneOf: [
        { type: 'string' },
        {
          type: 'object',
          required: ['selector'],
          additionalProperties: false,
          properties: { selector: { type: 'string' }, container: { type: 'string' } },
        },
      ],
    },
    port: { type: 'integer', minimum: 1 },
  },
} as const;

test.each<[JsonSchema, unknown, string[]]>([
  [forms, { pod: 'a' }, []],
  [forms, { pod: 3 }, ['pod: `pod` must be text or a map, but is the number `3`']],
  [forms, { pod: {} }, ['pod: `pod` lacks the key `selector`']],
  [forms, { pod: { selector: 'a', cntainer: 'b' } }, ['pod.cntainer: unknown key `cntainer` in `pod`']],
  [forms, { pod: { selector: 7 } }, ['pod.selector: `selector` must be text, but is the number `7`']],
  [{ anyOf: [{ required: ['a'] }, { required: ['b'] }] }, {}, [': the value needs one of `a`, `b`']],
  [{ oneOf: [{ required: ['a'] }, { required: ['b'] }] }, { a: 1, b: 1 }, [': the value can have only one of `a`, `b`']],
  [{ type: 'object', oneOf: [{ required: ['a'] }, { required: ['b'] }] }, [], [': the value must be a map, but is a list']],
  [{ type: 'object', dependentRequired: { a: ['b'] } }, { a: 1 }, ['a: `a` needs `b` beside it']],
  [{ type: 'object', propertyNames: { pattern: '^[a-z]+$' } }, { 'A/b~c': 1 }, ['A/b~c: `A/b~c` cannot be a name']],
  [{ type: 'array', uniqueItems: true }, [1, 2, 1], ['2: item 3 of the value repeats item 1']],
  [{ type: 'array', maxItems: 1 }, [1, 2], [': the value must hold at most 1 items']],
  [{ const: 'x' }, 'y', [': the value must be `x`, but is the text `y`']],
  [{ enum: ['GET', 'POST'] }, Object.create(null), [': the value cannot be a map']],
  [
    { type: 'string', format: 'kubesim-duration' },
    3,
    [': the value is a bare number without a unit; write `3s` for seconds or `3ms` for milliseconds'],
  ],
  [{ type: 'object', additionalProperties: false }, JSON.parse('{"__proto__": 1}'), ['__proto__: unknown key `__proto__` in the value']],
])('%j over %j', (schema, value, expected) => expect(messages(schema, value)).toEqual(expected));

test('an expression stands for any value, inside the value but not as the value', () => {
  expect(messages(forms, { pod: '${{ a }}', port: 'x${{ a }}' }, true)).toEqual([]);
  expect(messages(forms, { pod: { selector: '${{ a }}' }, port: '${{ a }}' }, true)).toEqual([]);
  expect(messages(forms, { port: '${{ a }}' }, false)).toEqual(['port: `port` must be a whole number, but is the text `${{ a }}`']);
  expect(messages(forms, '${{ a }}', true)).toEqual([': the value must be a map, but is the text `${{ a }}`']);
});

test('places of expressions are told by path, in lists too', () => {
  const schema = {
    properties: { a: { items: { type: 'string', 'x-expression': 'cel', 'x-variables': ['value'] } }, b: { 'x-expression': 'inputs' } },
  };
  expect(checkSchema(schema, { a: ['x', 'y'], b: {} }, { name: 'v', expressions: true }).places).toEqual([
    { path: ['a', 0], mode: 'cel', variables: ['value'] },
    { path: ['a', 1], mode: 'cel', variables: ['value'] },
    { path: ['b'], mode: 'inputs' },
  ]);
});

test('thousands of mistakes are told some times, and never none', () => {
  const schema: JsonSchema = { type: 'object', additionalProperties: { anyOf: [{ type: 'integer' }, { type: 'boolean' }] } };
  const many = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`k${index}`, 'text']));
  expect(messages(schema, many).length).toBeGreaterThan(0);
  expect(messages(schema, many).length).toBeLessThanOrEqual(200);
});
