// What is new in an alert since the attacks began.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { occurrencesOf } from '../../src/alerts/occurrence.ts';
import type { ToldAlert } from '../../src/alerts/watched.ts';
import type { NormalisedAlert } from '../../src/ports/alerts.ts';
import { alertOf } from '../fakes/alert-source.ts';

const clock = { offset: 0, uncertainty: 5 };
const state = (times: NormalisedAlert['times'], count = 1, baseline = false): ToldAlert => ({
  alert: { ...alertOf({ seen: times.seen }), times, count },
  baseline,
});
const told = (...states: ToldAlert[]) => occurrencesOf(states, clock).map(({ number, activity }) => [number, activity?.from, activity?.to]);

test.for([
  ['a new alert', [state({ seen: 9001, first: 501, last: 501 })], [[1, 501, 501]]],
  ['one that lasted', [state({ seen: 9001, first: 501, last: 701 })], [[1, 501, 701]]],
  [
    'two in one: one at each end',
    [state({ seen: 9001, first: 501, last: 701 }, 2)],
    [
      [1, 501, 501],
      [1, 701, 701],
    ],
  ],
  [
    'more in one',
    [state({ seen: 9001, first: 501, last: 701 }, 5)],
    [
      [1, 501, 501],
      [1, 701, 701],
      [3, 501, 701],
    ],
  ],
  ['one without times', [state({ seen: 9001 }, 3)], [[3, undefined, undefined]]],
  ['one told twice', [state({ seen: 9001, last: 501 }), state({ seen: 9002, last: 501 })], [[1, 501, 501]]],
  [
    'one whose last activity goes on',
    [state({ seen: 1, last: 501 }), state({ seen: 2, last: 701 })],
    [
      [1, 501, 501],
      [1, 701, 701],
    ],
  ],
  ['an old one', [state({ seen: 1, last: 501 }, 3, true), state({ seen: 2, last: 501 }, 3)], []],
  [
    'an old one that goes on',
    [state({ seen: 1, last: 501 }, 3, true), state({ seen: 2, last: 701 }, 5)],
    [
      [1, 701, 701],
      [1, 501, 701],
    ],
  ],
  [
    'an old one that was only looked at',
    [state({ seen: 1, last: 501, updated: 1 }, 1, true), state({ seen: 2, last: 501, updated: 2 })],
    [],
  ],
  [
    'an old one without times of activity that was updated',
    [state({ seen: 1, updated: 1 }, 1, true), state({ seen: 2, updated: 2 })],
    [[1, undefined, undefined]],
  ],
  [
    'an old one whose count alone went on',
    [state({ seen: 1, last: 501 }, 3, true), state({ seen: 2, last: 501 }, 4)],
    [[1, undefined, undefined]],
  ],
  ['whole seconds, which were cut', [state({ seen: 9001, first: 3000 })], [[1, 3000, 3999]]],
  ['a count that is none', [state({ seen: 1 }, Number.NaN)], [[1, undefined, undefined]]],
] satisfies [string, ToldAlert[], (number | undefined)[][]][])('%s', ([, states, expected]) => {
  expect(told(...states)).toEqual(expected);
});

test('an activity that moves on counts no more often than the product counts', () => {
  const [first, second] = occurrencesOf([state({ seen: 1, last: 501 }), state({ seen: 2, last: 701 })], clock);
  expect([first?.most, second?.most]).toEqual([1, 1]);
});

test("the offset of the product's clock is taken away, and how far it may be wrong is told; without one that is no bound", () => {
  const one = state({ seen: 9001, first: 501, started: 500.5, generated: 601 });
  expect(occurrencesOf([one], { offset: -100, uncertainty: 5 })[0]).toMatchObject({
    activity: { from: 601 },
    started: 600.5,
    generated: 701,
    slack: 6,
    seen: 9001,
  });
  expect(occurrencesOf([one], undefined)[0]?.slack).toBe(Number.POSITIVE_INFINITY);
});

const times = fc.record({
  seen: fc.nat(50),
  last: fc.option(fc.nat(50), { nil: undefined }),
  updated: fc.option(fc.nat(50), { nil: undefined }),
});
const states = fc.array(
  fc.record({ times, count: fc.nat(5), baseline: fc.boolean() }).map(({ times: given, count, baseline }) => {
    const known = Object.fromEntries(Object.entries(given).filter(([, time]) => time !== undefined)) as NormalisedAlert['times'];
    return state(known, count, baseline && given.seen < 10);
  }),
  { maxLength: 8 },
);

test('any states: what is told again says nothing new, and no alert counts more than it says', () => {
  fc.assert(
    fc.property(states, (some) => {
      const once = occurrencesOf(some, clock);
      expect(occurrencesOf([...some, ...some], clock)).toEqual(once);
      const before = Math.max(0, ...some.filter(({ baseline }) => baseline).map(({ alert }) => alert.count));
      const most = Math.max(1, Math.max(0, ...some.map(({ alert }) => Math.max(1, alert.count))) - before);
      for (const each of once) expect(each.most).toBeLessThanOrEqual(most);
    }),
  );
});
