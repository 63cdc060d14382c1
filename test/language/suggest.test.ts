import { expect, test } from 'vitest';
import { hintFor, nearest } from '../../src/language/suggest.ts';

test.each([
  ['timeuot', ['timeout', 'name', 'when'], 'timeout'],
  ['continue-on-error', ['continueOnError', 'name'], 'continueOnError'],
  ['get', ['GET', 'POST'], 'GET'],
  ['atack', ['attack', 'when'], 'attack'],
  ['network-scaning-tool', ['network-scanning-tool', 'web-shell-activity'], 'network-scanning-tool'],
  ['wholly', ['different', 'names'], undefined],
  ['b', ['a'], undefined],
  ['', ['a'], undefined],
  ['same', ['same'], undefined],
  ['x'.repeat(10_000), ['x'.repeat(10_001)], undefined],
])('nearest to %s', (name, candidates, expected) => {
  expect(nearest(name, candidates)).toBe(expected);
});

test('a hint names the nearest, and all that is allowed, sorted', () => {
  expect(hintFor('timeuot', ['when', 'timeout'], 'allowed are')).toBe('did you mean `timeout`? allowed are: `timeout`, `when`');
  expect(hintFor('xyz', ['b', 'a', 'a'], 'there are')).toBe('there are: `a`, `b`');
  expect(hintFor('xyz', [], 'there are')).toBeUndefined();
});
