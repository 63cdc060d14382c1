import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DURATION_PATTERN, durationProblem, parseDuration } from '../../src/language/duration.ts';

test.each([
  ['500ms', 500],
  ['90s', 90_000],
  ['1m30s', 90_000],
  ['2h', 7_200_000],
  ['1.5s', 1500],
  ['1h2m3s4ms', 3_723_004],
  ['0s', 0],
])('%s is %d ms', (text, expected) => expect(parseDuration(text)).toBe(expected));

test.each([
  '',
  '90',
  '1',
  's',
  '1s1s',
  '30s1m',
  '-1s',
  '1 s',
  '1d',
  '1us',
  ' 1s',
  '1s ',
  '1e3s',
  '.5s',
  '10000h',
  '1s\n',
  '1'.repeat(100_000),
])('%j is no duration', (text) => expect(parseDuration(text)).toBeUndefined());

test('the pattern for editors and the parser agree', () => {
  const part = fc
    .tuple(fc.constantFrom('1', '22', '0.5', '', '-3'), fc.constantFrom('h', 'm', 's', 'ms', '', 'x'))
    .map(([amount, unit]) => amount + unit);
  // Numbers of two digits: what is longer than 24 days is a duration for the pattern alone.
  const text = fc
    .array(part, { maxLength: 5 })
    .map((parts) => parts.join(''))
    .filter((joined) => !/\d{3}/.test(joined));
  fc.assert(
    fc.property(text, (each) => {
      expect(parseDuration(each) !== undefined).toBe(new RegExp(DURATION_PATTERN).test(each));
    }),
    { examples: [['99h99m99s99ms'], ['22h22']] },
  );
});

test.each([
  ['596h', true],
  ['597h', false],
  ['2222h', false],
])('the parser alone knows that %s is no longer than 24 days: %s', (text, isShort) => {
  expect(new RegExp(DURATION_PATTERN).test(text)).toBe(true);
  expect(parseDuration(text) !== undefined).toBe(isShort);
});

test('a bare number is told apart from nonsense', () => {
  expect(durationProblem(90)).toContain('bare number without a unit; write `90s`');
  expect(durationProblem('90')).toContain('has no unit; write `90s`');
  expect(durationProblem('soon')).toContain('such as `90s`');
});
