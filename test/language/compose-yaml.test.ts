import { globSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Document, parseDocument } from 'yaml';
import { composeYaml, type Excess } from '../../src/language/compose-yaml.ts';

const bounds = { depth: 50, values: 1000 };
const excess = (text: string): Excess | undefined => {
  const composed = composeYaml(text, bounds);
  return 'bound' in composed ? composed : undefined;
};

/** What the library itself makes of a text. */
const whole = (text: string): Document.Parsed =>
  parseDocument(text, {
    version: '1.2',
    schema: 'core',
    resolveKnownTags: false,
    stringKeys: true,
    uniqueKeys: false,
    prettyErrors: false,
  });
const shown = ({ contents, errors, warnings }: Document.Parsed) => ({
  contents: JSON.stringify(contents),
  problems: [...errors, ...warnings].map(({ code, pos }) => [code, pos]),
});

describe('within the bounds a text is composed as the library does it', () => {
  const composed = (text: string) => {
    const document = composeYaml(text, { depth: 50, values: 100_000 });
    return 'bound' in document ? document : shown(document);
  };
  const files = globSync('{playbooks,test/lint/{ok,err}}/**/*.yaml').map((file) => readFileSync(file, 'utf8'));
  test('our own files', () => {
    for (const text of files) expect(composed(text)).toEqual(shown(whole(text)));
  });
  test('whatever is put together', () => {
    const piece = fc.constantFrom(
      ...'a:-#"\'[]{},|>?&*!%@\n \t'.split(''),
      '  ',
      ': ',
      '- ',
      '---\n',
      '...\n',
      '\n  ',
      'a: b',
      '\uFEFF',
      '\r\n',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        expect(composed(pieces.join(''))).toEqual(shown(whole(pieces.join(''))));
      }),
      { numRuns: 1000 },
    );
  });
});

test.each([
  ['lists in lists', '[', '[]', ']', 1],
  ['maps in maps', '{a: ', '{}', '}', 4],
  ['items in items of one line', '- ', '- a', '', 2],
])('%s: the first that is too deep is told, and the last that is not is read', (_, open, inner, close, width) => {
  const nested = (levels: number) => open.repeat(levels - 1) + inner + close.repeat(levels - 1);
  expect(excess(nested(51))).toBeUndefined();
  expect(excess(nested(52))).toEqual({ bound: 'depth', offset: 51 * width });
});

test('what stands beside one another is not deep', () => {
  expect(excess('- []\n'.repeat(100))).toBeUndefined();
  expect(excess(`{${'? a, '.repeat(100)}}`)).toBeUndefined();
  expect(excess('- - a\n'.repeat(100))).toBeUndefined();
  expect(excess('a: [\n'.repeat(100))).toBeUndefined();
  expect(excess(`a: |\n${'  - [[[ {{{\n'.repeat(100)}`)).toBeUndefined();
});

test.each([
  ['values', 'a,', '[', ']'],
  ['empty lists', '[],', '[', ']'],
  ['quoted texts', '"a",', '[', ']'],
  ['items', '- a\n', '', ''],
  ['items without a value', '-\n', '', ''],
  ['keys without a value', 'a:\n', '', ''],
  ['aliases', '- *a\n', '- &a b\n', ''],
  ['block texts', '- |\n  a\n', '', ''],
  ['what is no YAML', '[]', '', ''],
  ['colons', ': ', '', ''],
  ['commas', ',', '[', ']'],
  ['anchors', '&a ', '', ''],
])('too many %s', (_, unit, head, tail) => {
  expect(excess(head + unit.repeat(200) + tail)).toBeUndefined();
  const found = excess(head + unit.repeat(3000) + tail);
  expect(found?.bound).toBe('values');
  expect(found?.offset).toBeLessThanOrEqual(head.length + 2001 * unit.length);
});

test.each(['}', ']', '%a\n', '!a ', '---\n'])('of many mistakes the first ones are enough: %j', (unit) => {
  const composed = composeYaml(unit.repeat(100_000), bounds);
  if ('bound' in composed) expect.fail(composed.bound);
  const found = composed.errors.length + composed.warnings.length;
  expect(found).toBeGreaterThan(0);
  expect(found).toBeLessThan(1100);
});

test('the stack of errors elsewhere is left as it was', () => {
  const before = Error.stackTraceLimit;
  composeYaml('}', bounds);
  expect(Error.stackTraceLimit).toBe(before);
  expect(new Error('x').stack).toContain('compose-yaml.test');
});
