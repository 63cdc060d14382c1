import { expect, test } from 'vitest';
import { globProblem, isGlob, matchesGlob } from '../../src/language/glob.ts';

test.each([
  ['*.yaml', 'a.yaml', true],
  ['*.yaml', 'in/a.yaml', false],
  ['**/*.yaml', 'a.yaml', true],
  ['**/*.yaml', 'in/deep/a.yaml', true],
  ['in/**', 'in/deep/a.yaml', true],
  ['in/**/a.yaml', 'in/a.yaml', true],
  ['in/**/a.yaml', 'other/a.yaml', false],
  ['?.yaml', 'a.yaml', true],
  ['?.yaml', 'ab.yaml', false],
  ['[a-c].yaml', 'b.yaml', true],
  ['[!a-c].yaml', 'b.yaml', false],
  ['{one,two}/*.y{a,}ml', 'two/a.yml', true],
  ['{one,two}/*.yaml', 'three/a.yaml', false],
  ['drafts/', 'drafts/in/a.yaml', true],
  ['drafts', 'drafts.yaml', false],
  ['./a.yaml', 'a.yaml', true],
  ['a.yaml', './a.yaml', true],
  ['a+b.(c)', 'a+b.(c)', true],
  ['a.yaml', 'aXyaml', false],
  ['../x/*.yaml', '../x/a.yaml', true],
  ['*', 'a\nb', true],
])('%s and %s: %s', (glob, path, fits) => {
  expect(globProblem(glob)).toBeUndefined();
  expect(matchesGlob(glob, path)).toBe(fits);
});

test('what is no glob is told', () => {
  expect(globProblem('{a,b')).toBe('is no pattern of paths: a bracket or a brace in it is not closed');
  expect(globProblem('a'.repeat(201))).toBe('is longer than 200 characters');
});

test('a pattern made to take for ever does not', () => {
  const stars = `${'*a'.repeat(60)}*b`;
  expect(matchesGlob(stars, 'a'.repeat(250))).toBe(false);
});

test('signs make a glob', () => {
  expect(['a*', 'a?', '[a]', '{a}'].map(isGlob)).toEqual([true, true, true, true]);
  expect(isGlob('playbooks/a-b_c.yaml')).toBe(false);
});
