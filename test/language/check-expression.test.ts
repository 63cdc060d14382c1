import { expect, test } from 'vitest';
import { checkCel, checkTemplate, type Names } from '../../src/language/check-expression.ts';

const names: Names = {
  inputs: ['port', 'mode'],
  variables: ['script'],
  run: ['id'],
  steps: new Map([['scan', ['stdout', 'exitCode']]]),
  later: new Set(['scan', 'after']),
};

test.each([
  'inputs.port + 1',
  'inputs["mode"]',
  'steps.scan.stdout',
  'steps.scan',
  'has(steps.scan.stdout)',
  'inputs.map(x, x)',
  'run.id',
  '1',
])('%s is fine', (expression) => expect(checkCel(expression, names)).toEqual([]));

test.each([
  ['inputs.prot', 'no input is named `prot`', 'did you mean `port`? there are: `mode`, `port`'],
  ['variables.x', 'no variable is named `x`', 'there are: `script`'],
  ['steps.scna.stdout', 'no step is named `scna`', 'did you mean `scan`? there are: `scan`'],
  ['steps.after.stdout', 'the step `after` has not run yet at this point', undefined],
  ['steps.scan.stdot', 'the step `scan` has no output `stdot`', 'did you mean `stdout`? it has: `exitCode`, `stdout`'],
  ['port', 'nothing is named `port` here', 'did you mean `inputs.port`?'],
  ['input.port', 'nothing is named `input` here', 'did you mean `inputs`? there are: `inputs`, `run`, `steps`, `variables`'],
])('%s', (expression, message, hint) => {
  expect(checkCel(expression, names)).toMatchObject([{ rule: 'undefined-reference', message, start: 0, end: expression.length }]);
  expect(checkCel(expression, names)[0]?.hint).toBe(hint);
});

test('a group that must not be used here says why', () => {
  const [problem] = checkCel('run.id', { inputs: [], because: 'it must be known before' });
  expect(problem).toMatchObject({ message: '`run` cannot be used here: it must be known before', hint: 'there are: `inputs`' });
});

test('other values take the place of the usual groups', () => {
  expect(checkCel('value.size() > 3', { other: ['value'] })).toEqual([]);
  expect(checkCel('inputs.port > 3', { other: ['value'] })).toMatchObject([{ message: '`inputs` cannot be used here' }]);
});

test('every expression of a text is checked, at its place', () => {
  const text = 'a ${{ inputs.prot }} b ${{ 1 + }} c ${{ run.id }}';
  const problems = checkTemplate(text, names);
  expect(problems.map(({ rule }) => rule)).toEqual(['undefined-reference', 'invalid-expression']);
  expect(text.slice(problems[0]?.start, problems[0]?.end)).toBe('inputs.prot');
});

test('a mistake that is repeated endlessly is told some times', () => {
  expect(checkTemplate('${{ nope }}'.repeat(10_000), names)).toHaveLength(20);
});

test('bare CEL is not wrapped', () => {
  expect(checkCel('${{ true }}', names)).toMatchObject([{ message: 'this is an expression already', hint: 'write it without `${{ }}`' }]);
});
