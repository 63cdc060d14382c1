import { expect, test } from 'vitest';
import { parseDuration } from '../../src/language/duration.ts';
import { durationText } from '../../src/rules/duration-text.ts';

test.each(['1h', '1m30s', '2h5ms', '500ms', '24h', '59m59s999ms'])('%s', (text) => {
  expect(durationText(parseDuration(text) ?? 0)).toBe(text);
});

test('nothing is said with a unit, too', () => expect(durationText(0)).toBe('0s'));
