import { expect, test } from 'vitest';
import type { AlertEntry } from '../../src/alerts/catalogue.ts';
import { definitionsWith } from '../../src/commands/definitions.ts';
import { celFunctions, FUNCTION_MEANINGS } from '../../src/language/cel-functions.ts';
import { evaluateCel } from '../../src/language/expression.ts';
import { explain, topicNames } from '../../src/reference/topics.ts';

const entry: AlertEntry = {
  id: 'some-alert',
  title: 'Some alert',
  description: 'Something happened.',
  attack: ['T1046'],
  needs: ['process'],
  products: { falco: { rules: [{ name: 'A rule' }] } },
};
const definitions = definitionsWith(new Map([['some-alert', entry]]));

test('each name is explained, and no two things have one name', () => {
  const names = topicNames(definitions);
  expect(names.filter((name, index) => names.indexOf(name) !== index && !celFunctions().some((each) => each.name === name))).toEqual([]);
  for (const name of names) expect(explain(name, definitions), name).toMatchObject({ page: { summary: expect.stringMatching(/\S/) } });
});

test('each function of CEL is described, and nothing else is', () => {
  expect(Object.keys(FUNCTION_MEANINGS).sort()).toEqual([...new Set(celFunctions().map(({ name }) => name))].sort());
});

test.each([
  ['"abc".indexOf("z")', -1],
  ['b"abc".at(0)', 97],
  ['base64("a")', 'YQ=='],
  ['cel.bind(x, 2, x * x)', 4],
  ['timestamp("2026-03-01T00:00:00Z").getDate()', 1],
  ['timestamp("2026-03-01T00:00:00Z").getDayOfMonth()', 0],
  ['timestamp("2026-03-01T00:00:00Z").getMonth()', 2],
  ['timestamp("2026-03-01T00:00:00Z").getDayOfWeek()', 0],
  ['timestamp("2026-01-01T00:00:00Z").getDayOfYear()', 0],
  ['timestamp(0).getFullYear()', 1970],
  ['[1, 2].exists_one(x, x > 1)', true],
  ['"a,b".split(",")', ['a', 'b']],
])('what is said of functions is so: %s', (expression, value) => expect(evaluateCel(expression, {})).toEqual(value));
