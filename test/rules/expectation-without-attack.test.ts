import { expect, test } from 'vitest';
import { expectationWithoutAttack } from '../../src/rules/expectation-without-attack.ts';
import { playbookOf } from '../fakes/step-types.ts';
import { findingsOf } from './findings.ts';

const attack = '  - {id: scan, attack: [T1046], command: {pod: p, argv: [x]}}\n';
const quiet = '  - {id: quiet, command: {pod: p, argv: [x]}}\n';
const find = (steps: string) => findingsOf(expectationWithoutAttack, playbookOf(steps));

test.each([
  `${attack}  - expect-something: {alert: a}\n`,
  `${attack}${quiet}  - expect-something: {alert: a, of: scan}\n`,
  `${attack}  - expect-something: {alert: a, of: [scan]}\n`,
])('an attack before it is fine', (steps) => expect(find(steps)).toEqual([]));

test.each([
  ['  - expect-something: {alert: a}\n', '5:5: error: no attack step stands before this expectation'],
  [`  - expect-something: {alert: a}\n${attack}`, '5:5: error: no attack step stands before this expectation'],
  [`${quiet}  - expect-something: {alert: a, of: quiet}\n`, '6:38: error: the step `quiet` is no attack step'],
  [`${attack}  - expect-something: {alert: a, of: scn}\n`, '6:38: error: no step has the id `scn`'],
  [`${attack}  - expect-something: {alert: a, of: [scan, nope]}\n`, '6:45: error: no step has the id `nope`'],
  [`  - expect-something: {alert: a, of: scan}\n${attack}`, '5:38: error: the step `scan` does not stand before this expectation'],
])('%j', (steps, expected) => expect(find(steps)).toEqual([expected]));
