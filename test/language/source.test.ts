import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Diagnostic } from '../../src/language/diagnostic.ts';
import { locate } from '../../src/language/source.ts';

const at = (start: number, end: number, message = 'm'): Diagnostic => ({ rule: 'r', severity: 'error', message, span: { start, end } });

test('lines and columns count from 1, and CR belongs to the line end', () => {
  const [found] = locate({ name: 'f', text: 'one\r\ntwo three\r\n' }, [at(9, 14)]);
  expect(found).toMatchObject({ line: 2, column: 5, endLine: 2, endColumn: 10, excerpt: { text: 'two three', start: 4, length: 5 } });
});

test('a span over several lines is underlined to the end of its first line', () => {
  const [found] = locate({ name: 'f', text: 'a: b\nc: d\n' }, [at(3, 9)]);
  expect(found).toMatchObject({ line: 1, column: 4, endLine: 2, endColumn: 5, excerpt: { text: 'a: b', start: 3, length: 1 } });
});

test('a byte-order mark is no column', () => {
  const [found] = locate({ name: 'f', text: '\uFEFFabc' }, [at(1, 4)]);
  expect(found).toMatchObject({ line: 1, column: 1, endColumn: 4, excerpt: { text: 'abc', start: 0, length: 3 } });
});

test('findings are sorted by place and told once', () => {
  const found = locate({ name: 'f', text: 'abcdef' }, [at(4, 5), at(1, 2), at(4, 5), at(4, 5, 'other')]);
  expect(found.map(({ column, message }) => [column, message])).toEqual([
    [2, 'm'],
    [5, 'm'],
    [5, 'other'],
  ]);
});

test('a long line is cut around the place', () => {
  const [found] = locate({ name: 'f', text: `${'x'.repeat(1000)}HERE${'y'.repeat(1000)}` }, [at(1000, 1004)]);
  expect(found?.column).toBe(1001);
  expect(found?.excerpt.text.slice(found.excerpt.start, found.excerpt.start + found.excerpt.length)).toBe('HERE');
  expect(found?.excerpt.text.length).toBeLessThan(200);
});

test('line and column lead back to the offset, for any text and any span', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '\n', '\r', ' ', 'é', '\t') }), fc.nat(40), fc.nat(40), (text, start, length) => {
      const [found] = locate({ name: 'f', text }, [at(start, start + length)]);
      const line = (found?.line ?? 0) - 1;
      const offset = text.split('\n').slice(0, line).join('\n').length + (line > 0 ? 1 : 0) + (found?.column ?? 0) - 1;
      expect(offset).toBe(Math.min(start, text.length));
      expect(found?.excerpt.text).not.toContain('\n');
    }),
  );
});
