import { expect, test } from 'vitest';
import { type Matcher, mismatch } from '../../src/language/matcher.ts';

test.each<[Matcher, unknown]>([
  [0, 0],
  ['ok', 'ok'],
  ['ok', 'ok\n'],
  [{ equals: { a: [1, 2] } }, { a: [1, 2] }],
  [{ contains: '443/tcp open' }, 'PORT\n443/tcp open https\n'],
  [{ contains: ['a', 'b'] }, 'cab'],
  [{ contains: 2 }, [1, 2]],
  [{ contains: 44 }, 443],
  [{ matches: '^\\d+$' }, 443],
  [{ matches: '^4', contains: 'tcp', cel: 'value.size() == 7' }, '443/tcp'],
  [{ cel: 'value >= 200 && value < 300' }, 204],
  [{ cel: 'value.items.size() == 1' }, { items: [{}] }],
])('%j fits %j', (matcher, actual) => expect(mismatch('stdout', matcher, actual)).toBeUndefined());

test.each<[Matcher, unknown, string]>([
  [0, 1, 'stdout: expected to equal `0`, but got `1`'],
  ['0', 0, 'stdout: expected to equal `"0"`, but got `0`'],
  [{ contains: '443/tcp open' }, 'PORT\n22/tcp', 'stdout: expected to contain `443/tcp open`, but got `PORT\\n22/tcp`'],
  [{ contains: ['a', 'x', 'y'] }, 'a', 'stdout: expected to contain `x` and to contain `y`, but got `a`'],
  [{ contains: 'a' }, '', 'stdout: expected to contain `a`, but got an empty text'],
  [{ contains: 'a' }, undefined, 'stdout: expected to contain `a`, but got nothing'],
  [{ contains: 'a' }, { a: 1 }, 'stdout: expected to contain `a`, but got `{"a":1}`'],
  [{ matches: '^4' }, 'x', 'stdout: expected to match `^4`, but got `x`'],
  [{ matches: '(' }, 'x', 'stdout: expected to match `(` (not a regular expression (RE2 syntax): missing closing ): `(`), but got `x`'],
  [{ matches: 'x' }, ['x'], 'stdout: expected to match `x`, but got `["x"]`'],
  [{ cel: 'value > 3' }, 3, 'stdout: expected that `value > 3`, but got `3`'],
  [{ cel: 'value' }, 3, 'stdout: expected that `value` (which gives `3`, neither true nor false), but got `3`'],
  [{ cel: 'value > 3' }, 'x', 'stdout: expected that `value > 3` (which fails: no such overload: string > int), but got `x`'],
  [{ equals: [1] }, { 0: 1 }, 'stdout: expected to equal `[1]`, but got `{"0":1}`'],
  [{ equals: JSON.parse('{"__proto__": 1}') as unknown }, {}, 'stdout: expected to equal `{"__proto__":1}`, but got `{}`'],
])('%j does not fit %j', (matcher, actual, expected) => expect(mismatch('stdout', matcher, actual)).toBe(expected));

test('a long value is cut', () => {
  expect(mismatch('body', 'x', 'y'.repeat(5000))).toBe(
    `body: expected to equal \`x\`, but got \`${'y'.repeat(200)}...\` (5000 characters)`,
  );
});

test('a hostile pattern ends', () => {
  expect(mismatch('body', { matches: '(a+)+$x' }, 'a'.repeat(100_000))).toContain('expected to match');
});
