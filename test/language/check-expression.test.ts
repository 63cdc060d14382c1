import { expect, test } from 'vitest';
import { checkCel, checkTemplate, type Names, typeOfTemplate } from '../../src/language/check-expression.ts';

const names: Names = {
  inputs: new Map([
    ['port', 'int'],
    ['mode', 'string'],
  ]),
  variables: new Map([['script', 'string']]),
  run: new Map([['id', 'string']]),
  steps: new Map([
    [
      'scan',
      new Map([
        ['stdout', 'string'],
        ['exitCode', 'int'],
        ['json', 'dyn'],
        ['pods', 'map'],
        ['seconds', 'double'],
      ]),
    ],
  ]),
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
  [
    'steps.scan.stdot',
    'the step `scan` has no output `stdot`',
    'did you mean `stdout`? it has: `exitCode`, `json`, `pods`, `seconds`, `stdout`',
  ],
  ['port', 'nothing is named `port` here', 'did you mean `inputs.port`?'],
  ['input.port', 'nothing is named `input` here', 'did you mean `inputs`? there are: `inputs`, `run`, `steps`, `variables`'],
])('%s', (expression, message, hint) => {
  expect(checkCel(expression, names)).toMatchObject([{ rule: 'undefined-reference', message, start: 0, end: expression.length }]);
  expect(checkCel(expression, names)[0]?.hint).toBe(hint);
});

test('a group that must not be used here says why', () => {
  const [problem] = checkCel('run.id', { inputs: new Map(), because: 'it must be known before' });
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

test.each([
  'inputs.port > 3 && inputs.mode.startsWith("s")',
  'steps.scan.json.a.b == 3',
  'steps.scan.pods.victim.ip == "10.0.0.1"',
  'steps.scan.seconds > 1',
  'steps.scan.seconds + 1 > 0.5',
  'has(steps.scan) && steps.scan.stdout.contains("open")',
  'inputs.port + size(inputs) > 2',
])('%s fits its types', (expression) => expect(checkCel(expression, names, { condition: true })).toEqual([]));

test.each([
  ['inputs.port + "x"', 'no such overload: int + string', 'inputs.port + "x"'],
  ['true || inputs.mode == 3', 'no such overload: string == int', 'inputs.mode == 3'],
  ['steps.scan.stdout.contain("x")', 'there is no function `contain`', 'steps.scan.stdout.contain("x")'],
  ['steps.scan.exitCode ? 1 : 2', "ternary condition must be bool, got 'int'", 'exitCode'],
])('%s does not', (expression, message, place) => {
  const [problem] = checkCel(expression, names);
  expect(problem).toMatchObject({ rule: 'invalid-expression', message });
  expect(expression.slice(problem?.start, problem?.end)).toBe(place);
});

test('a condition gives true or false', () => {
  expect(checkCel('inputs.port', names, { condition: true })).toMatchObject([
    { message: 'a condition must give true or false, but this gives a whole number' },
  ]);
  expect(checkCel('steps.scan.json.ok', names, { condition: true })).toEqual([]);
});

test.each([
  ['${{ inputs.port }}', 'int'],
  ['${{ inputs.port }} ', undefined],
  ['${{ steps.scan.json }}', 'dyn'],
  ['${{ steps.scan }}', 'map'],
  ['${{ [1] }}', 'list'],
  ['${{ inputs.port + "x" }}', undefined],
])('the type of %s is %s', (text, type) => expect(typeOfTemplate(text, names)).toBe(type));

test('a misspelt function', () => {
  expect(checkCel('steps.scan.stdout.contain("x")', names)[0]?.hint).toContain('did you mean `contains`?');
});
