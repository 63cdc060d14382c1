import { expect, test } from 'vitest';
import { requiredWithoutRepeat } from '../../src/rules/required-without-repeat.ts';
import { playbookOf } from '../fakes/step-types.ts';
import { findingsOf } from './findings.ts';

const attack = (repeat: string) => `  - {id: scan, name: Scan, attack: [T1046], ${repeat}command: {pod: p, argv: [x]}}\n`;
const find = (steps: string) => findingsOf(requiredWithoutRepeat, playbookOf(steps));

test.each([
  `${attack('repeat: {times: 3}, ')}  - expect-something: {alert: a, required: [2, 3]}\n`,
  `${attack('repeat: {times: 3}, ')}  - expect-something: {alert: a, of: scan, required: [3, 3]}\n`,
  `${attack('')}  - expect-something: {alert: a}\n`,
])('%j is fine', (steps) => expect(find(steps)).toEqual([]));

test.each([
  ['', '[2, 3]', '6:44: error: "Scan" is done once, not 3 times'],
  ['repeat: {times: 4}, ', '[2, 3]', '6:44: error: "Scan" is done 4 times, not 3 times'],
  ['repeat: {times: 3}, ', '[4, 3]', '6:44: error: 4 of 3 can never be reached'],
])('%s with required %s', (repeat, required, finding) =>
  expect(find(`${attack(repeat)}  - expect-something: {alert: a, required: ${required}}\n`)).toEqual([finding]),
);
