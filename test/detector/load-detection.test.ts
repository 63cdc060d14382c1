// What is said of a file of detections/ that is not right.
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { loadDetection } from '../../src/detector/load-detection.ts';
import { locate } from '../../src/language/source.ts';
import { shippedDetectionTexts } from './rules.ts';

const sample = shippedDetectionTexts().find(({ name }) => name === 'network-scanner.yaml') ?? { name: '', text: '' };

/** `line:column: message` of what is found in the sample after a change to its text. */
function found(change: (text: string) => string, alerts?: readonly string[]): string[] {
  const text = change(sample.text);
  expect(text).not.toBe(sample.text);
  const source = { name: sample.name, text };
  return locate(source, loadDetection(source, { alerts }).diagnostics).map(({ line, column, message }) => `${line}:${column}: ${message}`);
}

const changed = (change: (rule: Record<string, unknown>) => void) => (text: string) => {
  const rule = parse(text) as Record<string, unknown>;
  change(rule);
  return stringify(rule, { lineWidth: 0 });
};

test('an unknown key, with the one that was meant', () => {
  expect(found((text) => text.replace('level: medium', 'levle: medium'))).toEqual([
    expect.stringMatching(/^\d+:1: unknown key `levle` in the rule/),
  ]);
});

test('bad CEL, with its place inside of the text', () => {
  const [told = ''] = found((text) => text.replace('n in scanners', 'n in scannerz'));
  expect(told).toMatch(/^14:32: nothing is named `scannerz` here/);
});

test('a condition reads only what its kind of observation has', () => {
  expect(found((text) => text.replace('category: process_creation', 'category: audit')).some((each) => each.includes('`process`'))).toBe(
    true,
  );
});

test('a condition that gives no truth', () => {
  expect(found(changed((rule) => Object.assign(rule, { condition: 'process.names' })))).toEqual([]);
  expect(found(changed((rule) => Object.assign(rule, { condition: '"yes"' })))).toEqual([
    expect.stringContaining('a condition must give true or false'),
  ]);
});

test('an alert that the catalogue does not have', () => {
  expect(found((text) => text.replace('alert: network-scanning-tool', 'alert: network-scaning-tool'), ['network-scanning-tool'])).toEqual([
    expect.stringContaining('the catalogue has no alert `network-scaning-tool`'),
  ]);
});

test('a technique that ATT&CK does not have, and none at all', () => {
  expect(found((text) => text.replace('attack.t1046', 'attack.t9999'))).toEqual([expect.stringContaining('no technique `T9999`')]);
  expect(found((text) => text.replace(', attack.t1046', ''))).toEqual([expect.stringContaining('names no technique')]);
});

test('a rule without tests, and one of which nothing can be found', () => {
  expect(found(changed((rule) => delete rule.tests))).toEqual([expect.stringContaining('lacks the key `tests`')]);
  expect(found(changed((rule) => Object.assign(rule.tests as object, { ignores: [] })))).toEqual([
    expect.stringContaining('`ignores` is empty'),
  ]);
});

test('an event of another kind than the rule looks at', () => {
  expect(found((text) => text.replace('events: [{argv: [nmap,', 'events: [{verb: get, argv: [nmap,'))).toEqual([
    expect.stringContaining('looks at no audit events'),
  ]);
});

test('both a condition and a sequence, or neither', () => {
  expect(found(changed((rule) => delete rule.condition))).toEqual([expect.stringContaining('needs one of `condition`, `sequence`')]);
});

test('a name that is not the file', () => {
  expect(found((text) => text.replace('name: network-scanner\n', 'name: scanner\n'))).toEqual([
    expect.stringContaining('the file is called `network-scanner`'),
  ]);
});

test('what is no YAML', () => {
  expect(loadDetection({ name: 'a.yaml', text: 'kind: [Detection' }).diagnostics).not.toEqual([]);
});
