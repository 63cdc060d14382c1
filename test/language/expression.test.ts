import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ExpressionError } from '../../src/language/cel.ts';
import { evaluate, evaluateCel, evaluateCondition, resolveVariables } from '../../src/language/expression.ts';

const scope = {
  inputs: { port: 443, ratio: 0.5, on: true, list: [1, 'a'], nothing: null, name: 'x y' },
  variables: { script: 'whoami\n' },
  steps: { scan: { stdout: '443/tcp open', exitCode: 0, json: { a: [{ b: 7 }] } } },
  run: { id: 'k3x9', marker: 'sim-k3x9' },
};

test.each([
  ['${{ inputs.port }}', 443],
  ['${{ inputs.port + 1 }}', 444],
  ['${{ inputs.port * inputs.ratio }}', 221.5],
  ['${{ inputs.on }}', true],
  ['${{ inputs.list }}', [1, 'a']],
  ['${{ inputs.nothing }}', null],
  ['${{ steps.scan.json.a[0].b }}', 7],
  ['${{ base64(variables.script) }}', 'd2hvYW1pCg=='],
  ['-p ${{ inputs.port }} ${{ inputs.on }}', '-p 443 true'],
  ['list ${{ inputs.list }}', 'list [1,"a"]'],
  ['plain ${HOME} {{ x }}', 'plain ${HOME} {{ x }}'],
  ['${{ {"a": {"b": 1}} }}', { a: { b: 1 } }],
  [' ${{ inputs.port }}', ' 443'],
  [
    [1, '${{ run.id }}', { a: '${{ run.marker }}' }],
    [1, 'k3x9', { a: 'sim-k3x9' }],
  ],
  [undefined, undefined],
  [7, 7],
])('%j', (value, expected) => expect(evaluate(value, scope)).toEqual(expected));

test.each([
  ['a ${{ inputs.nope }}', 'no such key: nope', 13],
  ['${{ steps.later.stdout }}', 'the step `later` has no outputs', 10],
  ['abc ${{ 1 + }}', 'ends too early', 12],
  ['abc ${{ x', 'is not closed', 4],
  ['a ${{ inputs.nothing }}', 'gives nothing (null)', 2],
  ['${{ 9007199254740993 }}', 'too large', 3],
  ['${{ duration("3s") }}', 'must give text', 3],
  ['${{ inputs.constructor }}', 'no such key', 11],
  ['${{ inputs.__proto__ }}', 'no such key', 11],
])('%s fails with its place in the text', (value, message, start) => {
  const run = () => evaluate(value, scope);
  expect(run).toThrow(ExpressionError);
  expect(run).toThrow(message);
  try {
    run();
  } catch (error) {
    expect((error as ExpressionError).start).toBe(start);
  }
});

test('conditions give true or false', () => {
  expect(evaluateCondition('inputs.port == 443 && steps.scan.exitCode == 0', scope)).toBe(true);
  expect(evaluateCondition('has(steps.later)', scope)).toBe(false);
  expect(evaluateCondition('inputs.on || steps.skipped.exitCode == 0', scope)).toBe(true);
  expect(() => evaluateCondition('inputs.port', scope)).toThrow('must give true or false, but this gives the number `443`');
});

test('bare CEL over named values', () => {
  expect(evaluateCel('value.size() > 3 && value.startsWith("4")', { value: '443/tcp' })).toBe(true);
  expect(evaluateCel('value + 1', { value: 2 })).toBe(3);
});

test('variables see inputs, the run and the variables above', () => {
  const variables = { a: 'port ${{ inputs.port }}', b: '${{ variables.a }} in ${{ run.id }}', c: '${{ inputs.port }}' };
  expect(resolveVariables(variables, scope)).toEqual({ a: 'port 443', b: 'port 443 in k3x9', c: 443 });
  expect(() => resolveVariables({ a: '${{ variables.b }}', b: 'x' }, scope)).toThrow('no such key: b');
});

test('names that mean something to JavaScript are plain data', () => {
  const hostile = JSON.parse('{"__proto__": {"polluted": "${{ run.id }}"}, "constructor": {"prototype": {"polluted": 1}}}') as object;
  const result = evaluate(hostile, scope) as Record<string, unknown>;
  expect(Object.hasOwn(result, '__proto__')).toBe(true);
  expect(JSON.stringify(result)).toBe('{"__proto__":{"polluted":"k3x9"},"constructor":{"prototype":{"polluted":1}}}');
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect(evaluate('${{ steps["__proto__"].x }}', { steps: JSON.parse('{"__proto__": {"x": 1}}') })).toBe(1);
});

test('text without `${{` comes back as it is, and every error is an ExpressionError', () => {
  const piece = fc.constantFrom(
    '${{',
    '}}',
    'inputs',
    '.',
    'port',
    '"',
    ' ',
    '+',
    '(',
    ')',
    '[',
    ']',
    '1',
    'list',
    '.map(x, ',
    'run',
    '{',
    '}',
    ':',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
      const text = pieces.join('');
      try {
        const value = evaluate(text, scope);
        if (!text.includes('${{')) expect(value).toBe(text);
      } catch (error) {
        expect(error).toBeInstanceOf(ExpressionError);
        const { start, end } = error as ExpressionError;
        expect(start).toBeGreaterThanOrEqual(0);
        expect(end).toBeGreaterThanOrEqual(start);
      }
    }),
    { numRuns: 2000 },
  );
});
