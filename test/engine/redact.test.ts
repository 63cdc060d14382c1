import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redactor } from '../../src/engine/redact.ts';

const secrets = fc.stringMatching(/^[A-Za-z0-9+/=%&? -]{12,40}$/);

test('a secret is not seen: plain, URL-encoded, or in base64 at any place', () => {
  fc.assert(
    fc.property(secrets, fc.string(), fc.string(), (secret, before, after) => {
      const { text } = redactor([secret]);
      expect(text(`${before}${secret}${after}`)).not.toContain(secret);
      const encoded = encodeURIComponent(secret);
      expect(text(`?token=${encoded}&x=1`)).not.toContain(encoded);
      const base64 = Buffer.from(`${before}${secret}${after}`).toString('base64');
      const left = Buffer.from(text(base64).replaceAll('***', ''), 'base64').toString('utf8');
      expect(left).not.toContain(secret);
    }),
  );
});

test('JSON Web Tokens are masked though nobody named them', () => {
  const token = `eyJ${'a'.repeat(20)}.${'b'.repeat(20)}.${'c'.repeat(20)}`;
  expect(redactor([]).text(`token=${token} end`)).toBe('token=*** end');
});

test('every text inside a value is masked, and the rest is as it was', () => {
  const { value } = redactor(['hunter22']);
  expect(value({ a: ['x hunter22', 1, null, true], b: { c: 'hunter22' } })).toEqual({ a: ['x ***', 1, null, true], b: { c: '***' } });
});

test('short secrets would mask ordinary words, and are left', () => {
  expect(redactor(['ok', '']).text('ok, all is well')).toBe('ok, all is well');
});

test('of a long secret every larger piece is masked', () => {
  const hex = fc.stringMatching(/^[0-9a-f]{32}$/);
  fc.assert(
    fc.property(hex, fc.nat(23), fc.integer({ min: 8, max: 32 }), (secret, from, length) => {
      const piece = secret.slice(from, from + length);
      fc.pre(piece.length >= 8);
      expect(redactor([secret]).text(`<${piece}>`)).toBe('<***>');
    }),
  );
  expect(redactor(['0123456789abcdef0123456789abcdef']).text('0123 4567 89ab is left, and so is abcdef')).toBe(
    '0123 4567 89ab is left, and so is abcdef',
  );
});
