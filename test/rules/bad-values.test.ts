// Lint over values of a wrong type, at every path of every seed.
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readYaml } from '../../src/language/located.ts';
import { lintBadInput, seeds } from './seeds.ts';

const VALUES = [null, true, -0.5, 'text', '${{ inputs.x }}', [], [null], {}, { x: 1 }];

const kindOf = (value: unknown): string => (Array.isArray(value) ? 'list' : value === null ? 'null' : typeof value);
const entriesOf = (value: unknown): [string | number, unknown][] =>
  Array.isArray(value) ? [...value.entries()] : typeof value === 'object' && value !== null ? Object.entries(value) : [];

type Path = readonly (string | number)[];

const pathsOf = (value: unknown, path: Path): { path: Path; value: unknown }[] => [
  { path, value },
  ...entriesOf(value).flatMap(([key, item]) => pathsOf(item, [...path, key])),
];

function replace(value: unknown, [head, ...rest]: Path, by: unknown): unknown {
  if (head === undefined) return by;
  if (Array.isArray(value)) return value.map((item, index) => (index === head ? replace(item, rest, by) : item));
  return Object.fromEntries(entriesOf(value).map(([key, item]) => [key, key === head ? replace(item, rest, by) : item]));
}

/** The values of the seeds that are YAML; some fixtures are none. */
const readable = seeds.flatMap((seed) => {
  const { located } = readYaml(seed.text);
  return located === undefined ? [] : [{ ...seed, value: located.value }];
});

/** A path and the value to put there. */
const casesOf = (value: unknown) =>
  pathsOf(value, []).flatMap(({ path, value: before }) =>
    VALUES.filter((by) => kindOf(by) !== kindOf(before) || entriesOf(by).length !== entriesOf(before).length).map((by) => ({ path, by })),
  );

const seedsWithCases = readable.map((seed) => {
  const cases = casesOf(seed.value);
  return { ...seed, cases, count: cases.length, file: basename(seed.name) };
});
const total = seedsWithCases.reduce((sum, { count }) => sum + count, 0);

describe(`${total} values of a wrong type`, () => {
  test('are at least as many as are wanted', () => expect(total).toBeGreaterThan(10_000));

  test.each(seedsWithCases)('$count in $file', ({ cases, value, ...seed }) => {
    for (const { path, by } of cases) lintBadInput(JSON.stringify(replace(value, path, by), null, 1), seed);
  });
});
