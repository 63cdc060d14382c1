import { expect, test } from 'vitest';
import { finds, patternProblem } from '../../src/language/regex.ts';

test('finds anywhere, with RE2 syntax', () => {
  expect(finds('^4\\d\\d', '443/tcp')).toBe(true);
  expect(finds('(?i)OPEN', '443/tcp open')).toBe(true);
  expect(finds('^open', '443/tcp open')).toBe(false);
});

test.each(['(', '(?=x)', '(a)\\1', 'a{2000}', 'x'.repeat(2000)])('%j is refused with a reason', (pattern) => {
  expect(patternProblem(pattern)).toMatch(/regular expression|longer than/);
  expect(() => finds(pattern, 'a')).toThrow();
});

test('a pattern that hangs other engines ends', () => {
  expect(finds('(a+)+b', 'a'.repeat(100_000))).toBe(false);
});
