import { expect, test } from 'vitest';
import { attackWithoutEffectCheck } from '../../src/rules/attack-without-effect-check.ts';
import { playbookOf } from '../fakes/step-types.ts';
import { findingsOf } from './findings.ts';

const find = (step: string) => findingsOf(attackWithoutEffectCheck, playbookOf(`  - ${step}\n`));

test('an attack step without a proof of its effect', () => {
  expect(find('{attack: [T1046], command: {pod: p, argv: [x]}}')).toEqual(['5:23: warning: nothing proves that this attack took effect']);
});

test.each([
  '{attack: [T1046], command: {pod: p, argv: [x], expect: {exitCode: 0}}}',
  '{command: {pod: p, argv: [x]}}',
  '{attack: [T1610], install: {chart: x}}',
])('%s is fine', (step) => expect(find(step)).toEqual([]));
