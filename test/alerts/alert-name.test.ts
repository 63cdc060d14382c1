// Two names of one alert are equal after normalisation, however they are decorated.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normaliseAlertName } from '../../src/alerts/alert-name.ts';

test.each([
  ['Network Scanning Tool Detected (Preview)', 'Network scanning tool detected'],
  ['PREVIEW - Network scanning tool detected', 'Network scanning tool detected'],
  ['Network scanning tool detected [seen multiple times]', 'Network scanning tool detected'],
  ['Command within a container accessed `ld.so.preload`', 'Command within a container accessed ld.so.preload'],
  ['  Network   scanning tool  detected ', 'Network scanning tool detected'],
])('%s is %s', (decorated, plain) => {
  expect(normaliseAlertName(decorated)).toBe(normaliseAlertName(plain));
});

test('other names stay different', () => {
  expect(normaliseAlertName('Possible malicious web shell detected')).not.toBe(normaliseAlertName('Possible Web Shell activity detected'));
  expect(normaliseAlertName('Previewed file')).toBe('previewed file');
});

const words = fc.array(fc.stringMatching(/^[a-z.]{1,8}$/), { minLength: 1, maxLength: 6 }).filter(([first]) => first !== 'preview');

test('any decoration of a name comes off', () => {
  fc.assert(
    fc.property(words, fc.boolean(), fc.boolean(), fc.boolean(), fc.nat(5), (parts, before, after, seen, ticked) => {
      const plain = parts.join(' ');
      const name = parts.map((word, index) => (index === ticked ? `\`${word.toUpperCase()}\`` : word)).join('  ');
      const decorated = `${before ? 'PREVIEW - ' : ''}${name}${after ? ' (Preview)' : ''}${seen ? ' [seen multiple times]' : ''}`;
      expect(normaliseAlertName(decorated)).toBe(normaliseAlertName(plain));
    }),
  );
});

test('any text: applying it twice changes nothing', () => {
  const pieces = fc.array(fc.oneof(fc.string(), fc.constantFrom('preview', '(preview)', ' - ', '`', '[seen multiple times]')), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(pieces, (parts) => {
      const once = normaliseAlertName(parts.join(''));
      expect(normaliseAlertName(once)).toBe(once);
    }),
  );
});
