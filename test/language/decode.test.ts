import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeUtf8 } from '../../src/language/decode.ts';

const bytes = (...parts: (string | number[])[]) =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...new TextEncoder().encode(part)] : part)));

test('any text comes back as it was, marks and all', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', 'é', '語', '😀', '\uFFFD', '\uFEFF', '\n') }), (text) => {
      expect(decodeUtf8(bytes(text))).toEqual({ text });
    }),
  );
});

test.each<[string, (string | number[])[], number]>([
  ['a lone continuation', ['ab', [0x80], 'c'], 2],
  ['Latin-1', ['caf', [0xe9], '\n'], 3],
  ['an overlong slash', [[0xc0, 0xaf]], 0],
  ['half a character at the end', ['é😀', [0xf0, 0x9f]], 3],
  ['after a genuine replacement character', ['\uFFFDx', [0xff]], 2],
  ['two bytes of it, cut off', ['\uFFFD', [0xef, 0xbf]], 1],
  ['UTF-16', [[0xff, 0xfe, 0x61, 0x00]], 0],
])('%s is found at its place', (_, parts, place) => {
  expect(decodeUtf8(bytes(...parts)).invalidAt).toBe(place);
});
