import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isWholeExpression, type Piece, parseTemplate } from '../../src/language/template.ts';

const expressions = (text: string): string[] => {
  const pieces = parseTemplate(text);
  return Array.isArray(pieces) ? pieces.flatMap((piece) => ('expression' in piece ? [piece.expression] : [])) : ['unclosed'];
};

test.each([
  ['plain', []],
  ['', []],
  ['${{ a }}', [' a ']],
  ['x ${{a}}${{ b }} y', ['a', ' b ']],
  ['${{ {"a": {"b": 1}} }}', [' {"a": {"b": 1}} ']],
  ['${{ "}}" }}', [' "}}" ']],
  [`\${{ '}}' + r"\\" }}`, [` '}}' + r"\\" `]],
  ['${{ "\\"}}" }}', [' "\\"}}" ']],
  ['${{ """a"}}""" }}', [' """a"}}""" ']],
  ['${{ open', ['unclosed']],
  ['${{ "open }}', ['unclosed']],
  ['$ {{ a }} ${a} $${{ b }}', [' b ']],
])('%s', (text, expected) => expect(expressions(text)).toEqual(expected));

test('a whole expression is told from text around it', () => {
  expect(isWholeExpression(parseTemplate('${{ a }}') as Piece[])).toBe(true);
  expect(isWholeExpression(parseTemplate(' ${{ a }}') as Piece[])).toBe(false);
  expect(isWholeExpression(parseTemplate('a') as Piece[])).toBe(false);
});

test('the pieces put together are the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('${{', '}}', '"', "'", '\\', '{', '}', 'a', ' ', 'r') }), (text) => {
      const pieces = parseTemplate(text);
      if (Array.isArray(pieces)) {
        const whole = pieces.map((piece) => ('text' in piece ? piece.text : text.slice(piece.outer.start, piece.outer.end)));
        expect(whole.join('')).toBe(text);
      } else expect(text.slice(pieces.start, pieces.start + 3)).toBe('${{');
    }),
  );
});
