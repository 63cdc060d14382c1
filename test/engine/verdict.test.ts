import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Evidence, Sighting, Watcher } from '../../src/alerts/evidence.ts';
import type { StepEnd } from '../../src/engine/events.ts';
import { isSettled, type RanStep, verdictOf } from '../../src/engine/verdict.ts';
import { alertOf } from '../fakes/alert-source.ts';

const attack = (change: Partial<StepEnd> = {}): RanStep => ({
  facts: { key: 'steps.1', name: 'Scan', id: 'scan', attack: ['T1046'], kind: 'exec' },
  end: { status: 'succeeded', startedAt: 1000, milliseconds: 500, ...change },
});
const watcher = (change: Partial<Watcher> = {}): Watcher => ({ name: 'falco', lacks: [], isDone: true, ...change });
const sighting = (seen = 1700, change: Partial<Sighting> = {}, occurrence: object = {}): Sighting => ({
  source: 'falco',
  rung: 'command line',
  doubts: [],
  shared: [],
  occurrence: { alert: alertOf({ seen }), number: 1, most: 1, slack: 1, seen, ...occurrence },
  ...change,
});
const evidence = (change: Partial<Evidence> = {}): Evidence => {
  const { sightings = [] } = change;
  const seen = sightings.filter(({ doubts }) => doubts.length === 0).length;
  return {
    window: 10_000,
    seen,
    possible: sightings.length,
    wanted: 1,
    sightings,
    near: [],
    watchers: [watcher()],
    mayBeBlocked: false,
    ...change,
  };
};
const expectation = { alert: 'network-scanning-tool' };
const failed = { status: 'failed', problem: { code: 'expectation', message: 'exitCode 126' } } as const;

test.for([
  ['an alert came', attack(), { sightings: [sighting()] }, 'detected'],
  ['nothing came and it watched', attack(), {}, 'missed'],
  ['nobody watched', attack(), { watchers: [] }, 'unverified'],
  ['it had a gap', attack(), { watchers: [watcher({ unwatched: 'falco had a gap: reset' })] }, 'unverified'],
  ['of two sources one had a gap', attack(), { watchers: [watcher(), watcher({ unwatched: 'b had a gap: x' })] }, 'unverified'],
  ['no source can see it', attack(), { watchers: [watcher({ lacks: ['audit'] })] }, 'unverified'],
  ['of two sources one cannot see it', attack(), { watchers: [watcher(), watcher({ lacks: ['audit'], unwatched: 'x' })] }, 'missed'],
  ['an alert came though there was a gap', attack(), { sightings: [sighting()], watchers: [watcher({ unwatched: 'x' })] }, 'detected'],
  ['the alert may be of something else', attack(), { sightings: [sighting(1700, { doubts: ['"Other"'] })] }, 'unverified'],
  ['the effect is not proved', attack(failed), { sightings: [sighting()] }, 'not-executed'],
  ['the effect is not proved, and the product says that it blocked it', attack(failed), { blockedBy: 'falco' }, 'prevented'],
  [
    'a policy refused the attack',
    attack({ status: 'prevented', problem: { code: 'admission-denied', message: 'no', policy: 'deny-all' } }),
    {},
    'prevented',
  ],
] as const)('%s: %s', ([, ran, change, outcome]) => {
  expect(verdictOf(expectation, { attack: ran }, evidence(change)).outcome).toBe(outcome);
});

test('without an attack there is nothing to detect; a control that stopped an earlier step prevented it', () => {
  expect(verdictOf(expectation, { attack: undefined, absence: 'skipped' }, evidence()).outcome).toBe('not-executed');
  expect(verdictOf(expectation, { attack: undefined, preventedBy: 'deny-all' }, evidence()).outcome).toBe('prevented');
});

test('a detection says after how long, by whom, and how it is known', () => {
  const both = [sighting(2400, {}, { alert: alertOf({ seen: 2400, id: 'b' }) }), sighting(1700)];
  expect(verdictOf(expectation, { attack: attack() }, evidence({ sightings: both }))).toMatchObject({
    milliseconds: 700,
    times: { from: 'step', visible: 700 },
    evidence: [
      { source: 'falco', id: 'b', rung: 'command line' },
      { source: 'falco', id: 'alert-1', rung: 'command line' },
    ],
  });
});

test('time to detect counts from the start of the process where its kernel told it, and until the last of those wanted', () => {
  const late = sighting(
    2900,
    {},
    { alert: alertOf({ seen: 2900, id: 'b' }), started: 1400, activity: { from: 1410, to: 1410 }, generated: 1600 },
  );
  expect(verdictOf(expectation, { attack: attack() }, evidence({ sightings: [sighting(1700), late], wanted: 2 }))).toMatchObject({
    milliseconds: 1500,
    times: { from: 'process', activity: 10, generated: 200, visible: 1500 },
  });
});

test('times before the attack are given as 0, and said', () => {
  const early = sighting(900, {}, { activity: { from: 990, to: 990 }, generated: 1100 });
  expect(verdictOf(expectation, { attack: attack() }, evidence({ sightings: [early] }))).toMatchObject({
    milliseconds: 0,
    times: { activity: 0, generated: 100, visible: 0, clamped: ['activity', 'visible'] },
  });
});

test('weak evidence is said to be weak, shared evidence to be shared, ambiguity with whom', () => {
  const said = (some: Sighting) => verdictOf(expectation, { attack: attack() }, evidence({ sightings: [some] }));
  expect(said(sighting(1700, { rung: 'cluster' }))).toMatchObject({
    outcome: 'detected',
    weak: true,
    reason: 'by falco; weak: only cluster and time tie it to this run',
  });
  expect(said(sighting(1700, { shared: ['drift-binary'] }))).toMatchObject({
    outcome: 'detected',
    reason: 'by falco; the same alert as of drift-binary',
  });
  expect(said(sighting(1700, { doubts: ['"Other"', 'the run abc'] }))).toMatchObject({
    ambiguousWith: ['"Other"', 'the run abc'],
    reason: 'ambiguous with "Other", the run abc: 1 alert may be of either',
  });
});

test('what no source can see is told with what it needs', () => {
  const blind = evidence({ watchers: [watcher({ lacks: ['audit'] })] });
  expect(verdictOf(expectation, { attack: attack() }, blind).reason).toBe('needs audit, which falco cannot see');
});

test('fewer than wanted are told with their number', () => {
  expect(verdictOf({ ...expectation, count: 3 }, { attack: attack() }, evidence({ seen: 2, possible: 2, wanted: 3 }))).toMatchObject({
    outcome: 'missed',
    reason: 'only 2 of 3 alerts came within 10.5 s from falco',
  });
});

test('count: 0 asserts silence', () => {
  const silence = (change: Partial<Evidence>) =>
    verdictOf({ ...expectation, count: 0 }, { attack: attack() }, evidence({ wanted: 0, ...change })).outcome;
  expect(silence({})).toBe('silent');
  expect(silence({ sightings: [sighting()] })).toBe('unexpected');
  expect(silence({ sightings: [sighting(1700, { doubts: ['x'] })] })).toBe('unverified');
  expect(silence({ watchers: [] })).toBe('unverified');
});

test('a verdict is made before the window ends only where nothing can change it', () => {
  const waiting = { watchers: [watcher({ isDone: false })] };
  expect(isSettled(attack(), evidence(waiting))).toBe(false);
  expect(isSettled(attack(), evidence({ ...waiting, sightings: [sighting()] }))).toBe(true);
  expect(isSettled(attack(), evidence({ ...waiting, sightings: [sighting(1700, { doubts: ['x'] })] }))).toBe(false);
  expect(isSettled(attack(), evidence({ ...waiting, wanted: 0 }))).toBe(false);
  expect(isSettled(attack(), evidence({ ...waiting, wanted: 0, sightings: [sighting()] }))).toBe(true);
  expect(isSettled(attack(failed), evidence(waiting))).toBe(true);
  expect(isSettled(attack(failed), evidence({ ...waiting, mayBeBlocked: true }))).toBe(false);
  expect(isSettled(undefined, evidence(waiting))).toBe(true);
});

test('missed is never said where anything is in doubt', () => {
  const some = fc.record({
    name: fc.string(),
    isDone: fc.boolean(),
    lacks: fc.subarray(['audit', 'process'] as const),
    unwatched: fc.option(fc.constant('a gap'), { nil: undefined }),
  });
  const status = fc.constantFrom<StepEnd['status']>('succeeded', 'failed', 'prevented', 'skipped');
  fc.assert(
    fc.property(fc.array(some), status, (watchers, ended) => {
      const seen = watchers.map(({ unwatched, ...rest }) => ({ ...rest, ...(unwatched === undefined ? {} : { unwatched }) }));
      const { outcome } = verdictOf(expectation, { attack: attack({ status: ended }) }, evidence({ watchers: seen }));
      const able = watchers.filter(({ lacks }) => lacks.length === 0);
      const doubt = able.length === 0 || able.some(({ unwatched }) => unwatched !== undefined);
      if (outcome === 'missed') expect({ doubt, ended }).toEqual({ doubt: false, ended: 'succeeded' });
    }),
  );
});
