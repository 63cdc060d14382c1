import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Outcome, StepEnd } from '../../src/engine/events.ts';
import { exitCodeOf, gravest } from '../../src/engine/exit-code.ts';

const nothing = { interrupted: false, leftBehind: false, couldNotRun: false, verdicts: [], steps: [], allowUnverified: false };
const verdict = (outcome: Outcome, optional = false) => ({ outcome, expectation: { optional } });
const step = (attack: string[], status: StepEnd['status']) => ({
  facts: { key: 'steps.0', name: 'x', attack, kind: 'exec' },
  end: { status, startedAt: 0, milliseconds: 0 },
});

test.for([
  ['nothing expected', {}, 0],
  ['detected and prevented', { verdicts: [verdict('detected'), verdict('prevented'), verdict('silent')] }, 0],
  ['missed', { verdicts: [verdict('detected'), verdict('missed')] }, 1],
  ['an alert where silence was asserted', { verdicts: [verdict('unexpected')] }, 1],
  ['unverified', { verdicts: [verdict('unverified')] }, 4],
  ['unverified but allowed', { verdicts: [verdict('unverified')], allowUnverified: true }, 0],
  ['missed though unverified is allowed', { verdicts: [verdict('unverified'), verdict('missed')], allowUnverified: true }, 1],
  ['not executed', { verdicts: [verdict('not-executed')] }, 4],
  ['an attack without proof and without expectation', { steps: [step(['T1046'], 'failed')] }, 4],
  ['a failed attack step that is a prevention', { steps: [step(['T1046'], 'prevented')] }, 0],
  ['optional expectations', { verdicts: [verdict('missed', true), verdict('unverified', true)] }, 0],
  ['could not run beats missed', { couldNotRun: true, verdicts: [verdict('missed')] }, 3],
  ['left behind beats could not run', { leftBehind: true, couldNotRun: true }, 5],
  ['interrupted beats all', { interrupted: true, leftBehind: true, couldNotRun: true, verdicts: [verdict('missed')] }, 130],
] as const)('%s: exit code', ([, change, code]) => {
  expect(exitCodeOf({ ...nothing, ...change })).toBe(code);
});

test('of several codes the gravest wins, whatever their order', () => {
  const order = [130, 5, 3, 2, 1, 4, 0];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...order)), (codes) => {
      expect(order.indexOf(gravest(codes))).toBe(Math.min(order.length - 1, ...codes.map((code) => order.indexOf(code))));
    }),
  );
});
