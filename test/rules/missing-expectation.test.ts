import { expect, test } from 'vitest';
import { missingExpectation } from '../../src/rules/missing-expectation.ts';
import { playbookOf } from '../fakes/step-types.ts';
import { findingsOf } from './findings.ts';

const attack = (id: string, technique: string) => `  - {id: ${id}, attack: [${technique}], command: {pod: p, argv: [x]}}\n`;
const expected = (of = '') => `  - expect-something: {alert: a${of}}\n`;
const find = (steps: string) => findingsOf(missingExpectation, playbookOf(steps));

test.each([
  ['no attack', '  - command: {pod: p, argv: [x]}\n'],
  ['the nearest before', attack('a', 'T1046') + expected()],
  ['by name', attack('a', 'T1046') + attack('b', 'T1552') + expected(', of: [a, b]')],
  ['a technique that is judged elsewhere', attack('a', 'T1046, T1552') + attack('b', 'T1552') + expected(', of: a')],
])('%s is fine', (_, steps) => expect(find(steps)).toEqual([]));

test('an attack of a technique that nothing speaks of', () => {
  expect(find(attack('a', 'T1046') + attack('b', 'T1046, T1552') + expected(', of: a'))).toEqual([
    '6:13: info: no expectation speaks of this attack',
  ]);
});

test('an attack after the expectation is not meant by it', () => {
  expect(find(attack('a', 'T1046') + expected() + attack('b', 'T1552'))).toEqual(['7:13: info: no expectation speaks of this attack']);
});

test('a playbook that expects nothing is told once', () => {
  expect(find(attack('a', 'T1046') + attack('b', 'T1552'))).toEqual(['5:13: info: the playbook attacks, but expects no alert']);
});
