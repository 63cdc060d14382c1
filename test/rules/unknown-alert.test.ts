import { expect, test } from 'vitest';
import { unknownAlert } from '../../src/rules/unknown-alert.ts';
import { playbookOf } from '../fakes/step-types.ts';
import { findingsOf } from './findings.ts';

const text = (alert: string) => playbookOf(`  - expect-something: {alert: "${alert}"}\n`, 'inputs: {a: {type: string, default: x}}\n');
const catalogue = ['network-scanning-tool', 'web-shell-activity'];

test('an alert of the catalogue is fine', () => {
  expect(findingsOf(unknownAlert, text('web-shell-activity'), { catalogue })).toEqual([]);
});

test('any other is not', () => {
  expect(findingsOf(unknownAlert, text('web-shel-activity'), { catalogue })).toEqual([
    '6:31: error: the catalogue has no alert `web-shel-activity`',
  ]);
});

test('nothing is said of an expression, or without a catalogue', () => {
  expect(findingsOf(unknownAlert, text('${{ inputs.a }}'), { catalogue })).toEqual([]);
  expect(findingsOf(unknownAlert, text('anything'))).toEqual([]);
});
