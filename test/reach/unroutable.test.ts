import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isUnroutable, isUnroutableBlock, isUnroutableHost } from '../../src/reach/unroutable.ts';

const octet = fc.integer({ min: 0, max: 255 });
const address = fc.oneof(fc.tuple(octet, octet, octet, octet), fc.tuple(fc.constant(192), fc.constant(0), fc.constantFrom(1, 2, 3), octet));
const numberOf = (parts: readonly number[]): number => parts.reduce((sum, part) => sum * 256 + part, 0);
const first = numberOf([192, 0, 2, 0]);

test('an address counts where its number lies in 192.0.2.0/24', () => {
  fc.assert(fc.property(address, (parts) => isUnroutable(parts.join('.')) === (numberOf(parts) >= first && numberOf(parts) < first + 256)));
});

test('a block counts where every address of it does', () => {
  fc.assert(
    fc.property(address, fc.integer({ min: 0, max: 32 }), (parts, bits) => {
      const size = 2 ** (32 - bits);
      const start = Math.floor(numberOf(parts) / size) * size;
      return isUnroutableBlock(`${parts.join('.')}/${bits}`) === (start >= first && start + size <= first + 256);
    }),
  );
});

test.for([
  '192.0.2.256',
  '192.0.2.01',
  '192.0.2.1 ',
  '192.0.2.1\n',
  '192.0.02.1',
  '::ffff:192.0.2.1',
  '192.0.2.1/24',
  '',
  3221225985,
  null,
])('%j is no such address', (text) => expect(isUnroutable(text)).toBe(false));

test.for(['sim.invalid', '*.sim.invalid', 'a.b-c.example', 'shop.test'])('the host %s is nobody', (host) =>
  expect(isUnroutableHost(host)).toBe(true),
);

test.for(['invalid', 'sim.invalid.com', 'example.org', 'SIM.INVALID', 'sim.invalid\n', '*', '', undefined])(
  'the host %j may be somebody',
  (host) => expect(isUnroutableHost(host)).toBe(false),
);
