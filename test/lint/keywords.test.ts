// Each keyword of JSON Schema that playbooks are checked by has an err fixture whose findings it causes.
import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { parseDuration } from '../../src/language/duration.ts';
import { envelopeSchema, oneStepSchema } from '../../src/language/envelope.ts';
import { readYaml } from '../../src/language/located.ts';
import { patternProblem } from '../../src/language/regex.ts';
import { locate } from '../../src/language/source.ts';
import { lint } from '../../src/rules/lint.ts';
import { stepTypes } from '../../src/steps/index.ts';

const folder = new URL('keywords/', import.meta.url);

/** Keywords that only hold other schemas, or annotate: they have no finding of their own. */
const SILENT = new Set([
  'properties',
  'items',
  'dependentSchemas',
  'description',
  'default',
  'if',
  'allOf',
  'then',
  'else',
  '$ref',
  'title',
  'examples',
]);
const NAMED = new Set(['properties', 'dependentSchemas', 'patternProperties', '$defs']);

type Schema = { readonly [keyword: string]: unknown };

/** The keywords of a schema and of all schemas inside it that can refuse a value; formats by their name. */
function keywordsOf(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(keywordsOf);
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema as Schema).flatMap(([keyword, value]) => {
    if (keyword.startsWith('x-')) return [];
    const own =
      SILENT.has(keyword) || (keyword === 'additionalProperties' && value !== false)
        ? []
        : [keyword === 'format' ? `format ${value}` : keyword];
    const isData = ['enum', 'const', 'required', 'dependentRequired', 'default', 'type'].includes(keyword);
    // What `not` refuses is told as `not`, and `if` refuses nothing.
    return [
      ...own,
      ...(isData || keyword === 'not' || keyword === 'if'
        ? []
        : NAMED.has(keyword)
          ? Object.values(value as object).flatMap(keywordsOf)
          : keywordsOf(value)),
    ];
  });
}

const schemas = [
  { used: 'the frame', schema: envelopeSchema },
  { used: 'a step', schema: oneStepSchema(stepTypes) },
  ...stepTypes.map(({ type, schema }) => ({ used: type, schema })),
];

const ajv = new Ajv2020({ allErrors: true, strict: false, logger: false });
ajv.addFormat('kubesim-duration', (text: string) => parseDuration(text) !== undefined);
ajv.addFormat('kubesim-regex', (text: string) => patternProblem(text) === undefined);

const isMap = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const listAt = (value: unknown, key: string): unknown[] => (isMap(value) && Array.isArray(value[key]) ? value[key] : []);
const stepsIn = (list: unknown[]): unknown[] => list.flatMap((step) => [step, ...stepsIn(listAt(step, 'parallel'))]);

/** The keywords that refuse something in a fixture. */
function refusedBy(value: unknown): Map<string, string[]> {
  const steps = stepsIn([...listAt(value, 'steps'), ...listAt(value, 'finally')]);
  const check = (schema: unknown, values: unknown[]): string[] => {
    const validate = ajv.compile(schema as Schema);
    return values
      .flatMap((each) => (validate(each) ? [] : (validate.errors ?? [])))
      .map(({ keyword, params }) => (keyword === 'format' ? `format ${params.format}` : keyword));
  };
  return new Map(
    schemas.map(({ used, schema }) => {
      const bodies = steps.flatMap((step) => (isMap(step) && Object.hasOwn(step, used) ? [step[used]] : []));
      return [used, check(schema, used === 'the frame' ? [value] : used === 'a step' ? steps : bodies)];
    }),
  );
}

const fixtures = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }));

const caught = fixtures.map(({ text }) => refusedBy(readYaml(text).located?.value));

test.each(schemas)('$used: each of its keywords refuses something in a fixture', ({ used, schema }) => {
  const needed = new Set(keywordsOf(schema));
  const seen = new Set(caught.flatMap((by) => by.get(used) ?? []));
  expect(needed.size).toBeGreaterThan(3);
  expect([...needed].filter((keyword) => !seen.has(keyword))).toEqual([]);
});

test.each(fixtures)('$name: what is found is what stands beside it', ({ name, text }) => {
  const lines = locate({ name, text }, lint({ name, text }, { steps: stepTypes }).diagnostics).map(
    ({ line, column, severity, message, rule }) => `${line}:${column}: ${severity}: ${message} [${rule}]\n`,
  );
  expect(lines.join('')).toBe(readFileSync(new URL(name.replace('.yaml', '.out'), folder), 'utf8'));
});
