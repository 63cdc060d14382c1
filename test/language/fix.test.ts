import { expect, test } from 'vitest';
import type { Diagnostic, Edit } from '../../src/language/diagnostic.ts';
import { applyFixes, fixAll } from '../../src/language/fix.ts';

const finding = (...fix: Edit[]): Diagnostic => ({ rule: 'r', severity: 'warning', message: 'm', span: { start: 0, end: 0 }, fix });
const edit = (start: number, end: number, text: string): Edit => ({ start, end, text });

test('fixes that do not touch one another are all made, in whatever order they come', () => {
  expect(applyFixes('one two three', [finding(edit(8, 13, '3')), finding(edit(0, 3, '1'))])).toEqual({ text: '1 two 3', fixed: 2 });
});

test('of two that touch only the first is made, and each as a whole or not at all', () => {
  expect(applyFixes('abcdef', [finding(edit(1, 3, 'X')), finding(edit(2, 4, 'Y'), edit(5, 6, 'Z'))])).toEqual({ text: 'aXdef', fixed: 1 });
});

test('what stands behind an anchor is read elsewhere too, and stays', () => {
  expect(applyFixes('a: &x old\nb: *x\n', [finding(edit(6, 9, 'new'))])).toEqual({ text: 'a: &x old\nb: *x\n', fixed: 0 });
});

test('rounds go on until nothing is left, and end where fixes chase each other', () => {
  const shorten = ({ text }: { text: string }) => (text.length > 1 ? [finding(edit(0, 1, ''))] : []);
  expect(fixAll({ name: 'f', text: 'abc' }, shorten)).toEqual({ source: { name: 'f', text: 'c' }, fixed: 2 });
  const flip = ({ text }: { text: string }) => [finding(edit(0, 1, text === 'a' ? 'b' : 'a'))];
  expect(fixAll({ name: 'f', text: 'a' }, flip)).toEqual({ source: { name: 'f', text: 'a' }, fixed: 10 });
});
