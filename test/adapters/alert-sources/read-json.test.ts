import { expect, test } from 'vitest';
import { severityOf, techniquesIn, timeOf } from '../../../src/adapters/alert-sources/fields.ts';
import { readJson } from '../../../src/adapters/alert-sources/read-json.ts';

test('whole numbers that a double cannot hold stay text; others stay numbers', () => {
  expect(readJson('{"evt.time": 1727084800123456789, "a": [-9007199254740993, 9007199254740991, 1.5, 1e400]}', 'x')).toEqual({
    'evt.time': '1727084800123456789',
    a: ['-9007199254740993', 9007199254740991, 1.5, Number.POSITIVE_INFINITY],
  });
});

test('keys that mean something to JavaScript are left out', () => {
  const read = readJson('{"a": {"__proto__": {"polluted": true}}, "constructor": 1}', 'x') as { a: object };
  expect(Object.keys(read.a)).toEqual([]);
  expect((read.a as { polluted?: boolean }).polluted).toBeUndefined();
});

test.each([
  ['[', /no JSON/],
  [`${'{"a":'.repeat(70)}1${'}'.repeat(70)}`, /nested more than 64 deep/],
  [`[${'1,'.repeat(500_001)}1]`, /more than 500000 values/],
])('refuses %#', (text, words) => {
  expect(() => readJson(text, 'x')).toThrow(words);
});

test('brackets and commas inside of texts do not count', () => {
  const text = JSON.stringify(`${'['.repeat(1000)}\\",${'{,'.repeat(1000)}`);
  expect(readJson(text, 'x')).toBe(JSON.parse(text));
});

test.each([
  ['2024-01-02T03:04:05Z', 1_704_164_645_000],
  ['2024-01-02T03:04:05.1234567Z', 1_704_164_645_123.457],
  ['2024-01-02T03:04:05.123456789Z', 1_704_164_645_123.457],
  ['2024-01-02T05:04:05+02:00', 1_704_164_645_000],
  ['2024-01-02T05:04:05.5+0200', 1_704_164_645_500],
  ['2024-01-02 03:04:05', 1_704_164_645_000],
  ['0001-01-01T00:00:00Z', undefined],
  ['yesterday', undefined],
  [17, undefined],
])('the time %s', (text, time) => {
  if (time === undefined) expect(timeOf(text)).toBeUndefined();
  else expect(timeOf(text)).toBeCloseTo(time, 3);
});

test('severities in the words of many products', () => {
  expect(['Notice', 'CRITICAL', 'warning', 'High', 'Informational', 'odd', undefined].map(severityOf)).toEqual([
    'low',
    'critical',
    'medium',
    'high',
    'informational',
    undefined,
    undefined,
  ]);
  expect(techniquesIn('mitre_T1059.004, attack.t1046', undefined, 'T1046 XT1059')).toEqual(['T1046']);
});
