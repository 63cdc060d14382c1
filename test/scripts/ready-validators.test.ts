// The validators that the build makes are those that the sources compile: the same verdict, errors and places of expressions, whatever the value.
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { checkedSchemas, readyValidators } from '../../scripts/ready-validators.ts';
import type { load as loadFromSources } from '../../src/language/load.ts';
import { type Collector, compileSchema } from '../../src/language/schema-compiler.ts';
import { stepTypes } from '../../src/steps/index.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const require = createRequire(import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'kubesim-validators-'));
let ready: typeof compileSchema;
let load: typeof loadFromSources;

beforeAll(async () => {
  const entries: Record<string, string> = {
    ready: `${root}src/language/schema-check.ts`,
    load: `${root}src/language/load.ts`,
    steps: `${root}src/steps/index.ts`,
    'schema-compiler': `${root}src/language/schema-compiler.ts`,
  };
  const build = await rolldown({
    cwd: root,
    platform: 'node',
    input: entries,
    plugins: [
      readyValidators(root),
      // The one file that imports it: its own export, for this test.
      { name: 'show', transform: (code, id) => (id === entries.ready ? `${code}\nexport { compileSchema };` : undefined) },
    ],
  });
  await build.write({ dir: folder, format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: '[name].cjs' });
  ready = (require(join(folder, 'ready.cjs')) as { compileSchema: typeof compileSchema }).compileSchema;
  load = (require(join(folder, 'load.cjs')) as { load: typeof loadFromSources }).load;
});
afterAll(() => rmSync(folder, { recursive: true }));

function judge(compile: typeof compileSchema, schema: object, value: unknown) {
  const validate = compile(schema as Parameters<typeof compileSchema>[0]);
  const collector: Collector = { places: [] };
  return { valid: validate.call(collector, value), errors: validate.errors ?? null, ...collector };
}

const examples = stepTypes.map(({ example }) => parse(example) as { steps: Record<string, unknown>[] });
const steps = examples.flatMap((example) => example.steps);
const [frame, step, ...bodies] = checkedSchemas as readonly [object, object, ...object[]];
const cases: [string, object, unknown[]][] = [
  ['the frame', frame, examples],
  ['a step', step, steps],
  ...stepTypes.map(({ type }, index): [string, object, unknown[]] => [
    type,
    bodies[index] as object,
    steps.flatMap((each) => each[type] ?? []),
  ]),
];

test.each(cases)('%s', (_, schema, values) => {
  expect(values.length).toBeGreaterThan(0);
  let refused = 0;
  const both = (value: unknown) => {
    const expected = judge(compileSchema, schema, value);
    expect(judge(ready, schema, value)).toEqual(expected);
    if (!expected.valid) refused++;
  };
  for (const value of values) both(value);
  const change = fc.record({
    at: fc.nat(),
    value: fc.oneof(fc.constantFrom('', '${{ inputs.x }}', '1', [], {}, null, ['a', 'a']), fc.jsonValue()),
  });
  fc.assert(
    fc.property(fc.constantFrom(...values), change, (value, { at, value: other }) => both(replaced(value, at, other))),
    { numRuns: 300 },
  );
  expect(refused).toBeGreaterThan(0);
});

test('a playbook is checked without ajv, and any other schema with it', () => {
  const compilerLoaded = () => Object.keys(require.cache).some((file) => file.startsWith(folder) && file.endsWith('schema-compiler.cjs'));
  const own = (require(join(folder, 'steps.cjs')) as { stepTypes: typeof stepTypes }).stepTypes;
  for (const types of [own, stepTypes]) {
    for (const { type, example } of types) expect(load({ name: `${type}.yaml`, text: example }, types).diagnostics).toEqual([]);
  }
  expect(compilerLoaded()).toBe(false);
  const other = { type: 'object', properties: { a: { type: 'string', 'x-expression': 'cel' } } };
  for (const value of [{ a: 'b' }, { a: 1 }, 'a']) expect(judge(ready, other, value)).toEqual(judge(compileSchema, other, value));
  expect(compilerLoaded()).toBe(true);
});

/** A copy in which one value, chosen by the number, is another one; or has a key more. */
function replaced(value: unknown, at: number, other: unknown): unknown {
  const copy = { root: structuredClone(value) };
  const places: [Record<string, unknown>, string][] = [];
  const visit = (parent: Record<string, unknown>, key: string) => {
    places.push([parent, key]);
    const child = parent[key];
    if (typeof child !== 'object' || child === null) return;
    for (const each of Object.keys(child)) visit(child as Record<string, unknown>, each);
    places.push([child as Record<string, unknown>, 'more']);
  };
  visit(copy, 'root');
  const [parent, key] = places[at % places.length] as [Record<string, unknown>, string];
  parent[key] = other;
  return copy.root;
}
