import { expect, test } from 'vitest';
import type { Span } from '../../src/language/diagnostic.ts';
import { type Located, readYaml } from '../../src/language/located.ts';

const read = (text: string): Located => {
  const { located, diagnostics } = readYaml(text);
  expect(diagnostics).toEqual([]);
  return located as Located;
};
const cut = (text: string, { start, end }: Span): string => text.slice(start, end);

test('values, keys, and the nearest parent of what is missing', () => {
  const text = 'a: {b: [1, two]}\nc:\n  - d: x\n    e:\n';
  const { value, spanOf, keySpanOf } = read(text);
  expect(value).toEqual({ a: { b: [1, 'two'] }, c: [{ d: 'x', e: null }] });
  expect(cut(text, spanOf(['a', 'b', 1]))).toBe('two');
  expect(cut(text, keySpanOf(['a', 'b']))).toBe('b');
  expect(cut(text, spanOf(['c', 0, 'd']))).toBe('x');
  expect(cut(text, spanOf(['c', 0, 'e']))).toBe('e');
  expect(cut(text, keySpanOf(['c', 0]))).toBe('d');
  expect(cut(text, keySpanOf(['c', 0, 'nope']))).toBe('d');
  expect(cut(text, spanOf(['a', 'nope', 'deeper']))).toBe('a');
});

test.each([
  ['plain', 'k: run ${{ inputs.x }} now\n'],
  ['single quotes', "k: 'run ${{ inputs.x }} now'\n"],
  ['double quotes', 'k: "run ${{ inputs.x }} now"\n'],
  ['escapes', 'k: "a\\tb\\u0041 ${{ inputs.y }} \\n ${{ inputs.x }}"\n'],
  ['a literal block', 'k: |\n    first\n\n      indented ${{ inputs.x }}\n    last\n'],
  ['a literal block with CRLF', 'k: |-\r\n  first\r\n  run ${{ inputs.x }}\r\n'],
  ['a literal block with a comment', 'k: |2+ # why\n   one\n  run ${{ inputs.x }}\n\n'],
  ['a folded block', 'k: >\n  first\n  second ${{ inputs.y }}\n\n  run ${{ inputs.x }}\n'],
  ['several lines, plain', 'k: first\n  second ${{ inputs.x }}\n'],
  ['a byte-order mark', '\uFEFFk: run ${{ inputs.x }}\n'],
  ['an anchor', 'j: &a run ${{ inputs.x }}\nk: *a\n'],
])('a part of %s', (_, text) => {
  const { value, spanWithin } = read(text);
  const content = (value as { k: string }).k;
  const start = content.indexOf('inputs.x');
  expect(cut(text, spanWithin(['k'], start, start + 8))).toBe('inputs.x');
});

test('a part at the very end of the text stays inside it', () => {
  const text = 'k: ${{ ';
  expect(read(text).spanWithin(['k'], 3, 4).end).toBeLessThanOrEqual(text.length);
  expect(read('k: ${{').spanWithin(['k'], 3, 3)).toEqual({ start: 6, end: 6 });
});

test.each([
  ['a: 1\na: 2\n', 'duplicate-key', 'the key `a` stands here twice', 'a', 5],
  ['a:\n\t- b\n', 'yaml-syntax', 'a tab is used for indentation', '\t', 3],
  ['a: &x [*x]', 'yaml-alias', 'the alias `*x` contains itself', '*x', 7],
  ['a: *q', 'yaml-alias', 'no anchor `&q` stands above', '*q', 3],
  ['a: 1\n---\nb: 2\n', 'yaml-syntax', 'the file holds more than one document', '---', 5],
  ['%YAML 1.1\n---\na: yes', 'yaml-syntax', 'playbooks are YAML 1.2, not 1.1', '%YAML', 0],
  ['a: !!binary aaaa', 'yaml-syntax', 'tags have no meaning in a playbook', '!!binary', 3],
  ['b: &b {x: 1}\n<<: *b', 'merge-key', 'merge keys (`<<`) are not part of YAML 1.2', '<<', 13],
  ['a: @b', 'yaml-syntax', 'Plain value cannot start with reserved character @', '@', 3],
  ['', 'yaml-syntax', 'the file is empty', '', 0],
  ['# only a comment\n', 'yaml-syntax', 'the file is empty', '#', 0],
])('%j', (text, rule, message, marked, start) => {
  const [found] = readYaml(text).diagnostics;
  expect(found).toMatchObject({ rule, severity: 'error' });
  expect(found?.message).toContain(message);
  expect(found?.span.start).toBe(start);
  expect(cut(text, found?.span ?? { start: 0, end: 0 }).startsWith(marked)).toBe(true);
});

test.each([
  [
    'aliases that multiply',
    `a: &a [1,1,1,1,1,1,1,1,1]\n${[...'bcdefghijk'].map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghij'[index]}`)}]`).join('\n')}`,
    'more than 100000 values',
  ],
  ['depth', Array.from({ length: 200 }, (_, index) => `${' '.repeat(index)}a:`).join('\n'), 'nested more than 50 deep'],
  ['flow depth', '['.repeat(100_000), 'nested more than 50 deep'],
  ['keys', Array.from({ length: 110_000 }, (_, index) => `k${index}:`).join('\n'), 'more than 100000 values'],
  ['size', `a: ${'x'.repeat(1024 * 1024)}`, 'larger than 1 MiB'],
])('%s out of bounds is one finding', (_, text, message) => {
  const { located, diagnostics } = readYaml(text);
  expect(located).toBeUndefined();
  expect(diagnostics[0]?.message).toContain(message);
});

test('YAML 1.2: no, on and 010 are what they look like', () => {
  expect(read('a: [no, on, yes, 010, 0o10, ~, 1e3, 2024-01-01]').value).toEqual({
    a: ['no', 'on', 'yes', 10, 8, null, 1000, '2024-01-01'],
  });
});

test('names that mean something to JavaScript are plain keys', () => {
  const { value, spanOf } = read('__proto__: {polluted: 1}\nconstructor: 2\ntoString: 3\n');
  expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor', 'toString']);
  expect(Object.getPrototypeOf(value)).toBeNull();
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect(spanOf(['__proto__', 'polluted'])).toEqual({ start: 22, end: 23 });
});

test('a text that was read before is read alike, and what was told of it is not kept', () => {
  const text = 'a: 1\na: 2\n';
  const first = readYaml(text).diagnostics;
  expect(first).toHaveLength(1);
  first.push(...first);
  expect(readYaml(text).diagnostics).toHaveLength(1);
  const texts = Array.from({ length: 40 }, (_, index) => `a: ${index}\n`);
  for (const each of [...texts, ...texts]) expect(readYaml(each).located?.value).toEqual({ a: Number(each.slice(3)) });
});
