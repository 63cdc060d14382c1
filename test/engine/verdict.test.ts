import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StepEnd } from '../../src/engine/events.ts';
import { type Evidence, type RanStep, verdictOf } from '../../src/engine/verdict.ts';
import { alertOf } from '../fakes/alert-source.ts';

const attack = (change: Partial<StepEnd> = {}): RanStep => ({
  facts: { key: 'steps.1', name: 'Scan', id: 'scan', attack: ['T1046'], kind: 'exec' },
  end: { status: 'succeeded', startedAt: 1000, milliseconds: 500, ...change },
});
const watch = (change: object = {}) => ({ source: 'falco', product: 'falco', gaps: [], until: 100_000, ...change });
const match = (seen = 1700, change: object = {}) => ({ alert: alertOf({ seen, source: 'falco', ...change }), rung: 'command line' });
const evidence = (change: Partial<Evidence> = {}): Evidence => ({
  attack: attack(),
  matches: [],
  watches: [watch()],
  window: 10_000,
  ...change,
});
const expectation = { alert: 'network-scanning-tool' };

test.for([
  ['an alert came', { matches: [match()] }, 'detected'],
  ['nothing came and it watched', {}, 'missed'],
  ['nobody watched', { watches: [] }, 'unverified'],
  ['it had a gap inside the window', { watches: [watch({ gaps: [{ from: 5000, to: 6000, reason: 'reset' }] })] }, 'unverified'],
  ['it had a gap after the window', { watches: [watch({ gaps: [{ from: 50_000, to: 60_000, reason: 'reset' }] })] }, 'missed'],
  ['it stopped watching early', { watches: [watch({ until: 5000 })] }, 'unverified'],
  [
    'of two sources one had a gap',
    { watches: [watch(), watch({ source: 'b', gaps: [{ from: 1, to: 2000, reason: 'x' }] })] },
    'unverified',
  ],
  [
    'an alert came though there was a gap',
    { matches: [match()], watches: [watch({ gaps: [{ from: 1, to: 9000, reason: 'x' }] })] },
    'detected',
  ],
  [
    'the effect is not proved',
    { attack: attack({ status: 'failed', problem: { code: 'expectation', message: 'stdout' } }), matches: [match()] },
    'not-executed',
  ],
  ['no attack ran', { attack: undefined, absence: 'skipped' }, 'not-executed'],
  [
    'a policy refused the attack',
    { attack: attack({ status: 'prevented', problem: { code: 'admission-denied', message: 'no', policy: 'deny-all' } }) },
    'prevented',
  ],
  ['a policy refused what the attack needs', { attack: undefined, preventedBy: 'deny-all' }, 'prevented'],
] as const)('%s: %s', ([, change, outcome]) => {
  expect(verdictOf(expectation, evidence(change as Partial<Evidence>)).outcome).toBe(outcome);
});

test('a detection says after how long, by whom, and how it is known', () => {
  expect(verdictOf(expectation, evidence({ matches: [match(2400, { id: 'b' }), match(1700)] }))).toMatchObject({
    milliseconds: 700,
    evidence: [
      { source: 'falco', id: 'b', rung: 'command line' },
      { source: 'falco', id: 'alert-1', rung: 'command line' },
    ],
  });
});

test('a clock that goes behind never makes a negative time', () => {
  expect(verdictOf(expectation, evidence({ matches: [match(900)] }))).toMatchObject({ outcome: 'detected', milliseconds: 0 });
});

test('count asks for so many, folded alerts counted', () => {
  expect(verdictOf({ ...expectation, count: 3 }, evidence({ matches: [match(1700, { count: 2 })] }))).toMatchObject({
    outcome: 'missed',
    reason: 'only 2 of 3 alerts came within 10 s from falco',
  });
  expect(verdictOf({ ...expectation, count: 3 }, evidence({ matches: [match(1700, { count: 3 })] })).outcome).toBe('detected');
});

test('count: 0 asserts silence', () => {
  expect(verdictOf({ ...expectation, count: 0 }, evidence()).outcome).toBe('silent');
  expect(verdictOf({ ...expectation, count: 0 }, evidence({ matches: [match()] })).outcome).toBe('unexpected');
  expect(verdictOf({ ...expectation, count: 0 }, evidence({ watches: [] })).outcome).toBe('unverified');
});

test('missed is never said where anything is in doubt', () => {
  const gap = fc.record({ from: fc.nat(20_000), to: fc.nat(20_000), reason: fc.constant('x') }).filter(({ from, to }) => from <= to);
  const watches = fc.array(fc.record({ source: fc.string(), product: fc.string(), gaps: fc.array(gap), until: fc.nat(30_000) }));
  const status = fc.constantFrom<StepEnd['status']>('succeeded', 'failed', 'prevented', 'skipped');
  fc.assert(
    fc.property(watches, status, (seen, ended) => {
      const { outcome } = verdictOf(expectation, evidence({ watches: seen, attack: attack({ status: ended }) }));
      const doubt =
        seen.length === 0 || seen.some(({ gaps, until }) => until < 11_000 || gaps.some(({ from, to }) => to >= 1000 && from <= 11_000));
      if (outcome === 'missed') expect({ doubt, ended }).toEqual({ doubt: false, ended: 'succeeded' });
    }),
  );
});
