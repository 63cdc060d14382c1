// What evidence may and may not change about a verdict, whatever comes.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AttackTime, RunFacts } from '../../src/alerts/evidence.ts';
import { judgeBy } from '../../src/alerts/judge.ts';
import type { ToldAlert, WatchedSource } from '../../src/alerts/watched.ts';
import { type Attack, verdictOf } from '../../src/engine/verdict.ts';
import type { AlertEntities, NormalisedAlert } from '../../src/ports/alerts.ts';
import type { AlertExpectation } from '../../src/steps/step.ts';
import { alertOf, entryOf } from '../fakes/alert-source.ts';

const SCAN = 'Launch Suspicious Network Tool in Container';
const judge = judgeBy(
  new Map([
    ['scan', entryOf('scan')],
    ['tool', entryOf('tool')],
    ['control', entryOf('control', { needs: ['audit'] })],
    [
      'drift',
      entryOf('drift', { products: { falco: { rules: [{ name: 'Drift' }, { name: 'Drift blocked' }], blocks: ['Drift blocked'] } } }),
    ],
  ]),
);
const identity = { id: 'k3x9', namespace: 'sim-k3x9', podUids: ['uid-of-the-shop'], containerIds: [], podNames: [], clusters: ['lab'] };
const ours: AlertEntities = { namespace: 'sim-k3x9', commandLines: [] };
const attackAt = (from: number, name = `at ${from}`): AttackTime => ({ key: `steps.${from}`, name, from, to: from + 500 });
const alert = (at: number, change: Partial<NormalisedAlert> = {}): ToldAlert => ({
  alert: { ...alertOf({ seen: at + 100, id: `a${at}` }), times: { first: at, last: at, seen: at + 100 }, entities: ours, ...change },
  baseline: false,
});
const source = (alerts: readonly ToldAlert[], change: Partial<WatchedSource> = {}): WatchedSource => ({
  name: 'falco',
  product: 'falco',
  capabilities: ['process'],
  window: 10_000,
  alerts: [...alerts],
  gaps: [],
  clock: { offset: 0, uncertainty: 5 },
  heartbeats: [{ at: 100_000, told: 100_000 }],
  ...change,
});
const facts = (sources: readonly WatchedSource[], expected: RunFacts['expected'], change: Partial<RunFacts> = {}): RunFacts => ({
  identity,
  others: [],
  attacks: expected.flatMap(({ attack }) => attack ?? []),
  expected,
  sources,
  ...change,
});

/** Verdicts on attacks that all took effect. */
function verdicts(given: RunFacts) {
  const { evidence } = judge.weigh(given);
  return given.expected.map(({ expectation, attack }, index) => {
    const ran: Attack['attack'] = attack && {
      facts: { key: attack.key, name: attack.name, attack: ['T1046'], kind: 'exec' },
      end: { status: 'succeeded', startedAt: attack.from, milliseconds: attack.to - attack.from },
    };
    const found = evidence[index];
    if (found === undefined) throw new Error('no evidence');
    return verdictOf(expectation, { attack: ran }, found);
  });
}
const outcomes = (given: RunFacts) => verdicts(given).map(({ outcome }) => outcome);
const scanAt = (from: number, change: Partial<AlertExpectation> = {}) => ({
  expectation: { alert: 'scan', ...change },
  attack: attackAt(from),
});

test('two attacks of one behaviour never share an alert: by its time it is of one, without it of neither', () => {
  const both = [scanAt(10_001), scanAt(20_001)];
  expect(outcomes(facts([source([alert(10_101)])], both))).toEqual(['detected', 'missed']);
  expect(outcomes(facts([source([alert(20_101)])], both))).toEqual(['missed', 'detected']);
  const [untimed] = verdicts(facts([source([alert(20_101, { times: { seen: 20_201 } })])], both));
  expect(untimed).toMatchObject({ outcome: 'unverified', ambiguousWith: ['"at 20001"'] });
});

test('two expectations of one attack may share an alert, and it is said', () => {
  const attack = attackAt(10_001);
  const expected = [
    { expectation: { alert: 'scan' }, attack },
    { expectation: { alert: 'tool' }, attack: { ...attack, key: `${attack.key}/steps.0` } },
  ];
  expect(verdicts(facts([source([alert(10_101)])], expected))).toMatchObject([
    { outcome: 'detected', reason: 'by falco; the same alert as of tool' },
    { outcome: 'detected', reason: 'by falco; the same alert as of scan' },
  ]);
});

test('an alert of the time of another attack step, from which nothing is expected, proves nothing', () => {
  const other = attackAt(20_001, 'other');
  const given = facts([source([alert(15_001), alert(20_101)])], [scanAt(10_001)], { attacks: [attackAt(10_001), other] });
  expect(outcomes(given)).toEqual(['detected']);
  const only = facts([source([alert(20_101, { times: { first: 20_101, seen: 20_201 } })])], [scanAt(10_001)], {
    attacks: [attackAt(10_001), other],
  });
  expect(verdicts(only)).toMatchObject([{ outcome: 'unverified', ambiguousWith: ['"other"'] }]);
});

test('a pod that two runs attack proves neither', () => {
  const shared = alert(10_101, { entities: { commandLines: [] }, raw: { uid: 'uid-of-the-shop' } });
  const others = [{ identity: { ...identity, id: 'zzzz', namespace: 'sim-zzzz' }, from: 0 }];
  expect(outcomes(facts([source([shared])], [scanAt(10_001)]))).toEqual(['detected']);
  expect(verdicts(facts([source([shared])], [scanAt(10_001)], { others }))).toMatchObject([
    { outcome: 'unverified', ambiguousWith: ['the run zzzz'] },
  ]);
});

test('what a source cannot see is unverified, and the reason is what it needs', () => {
  const expected = [{ expectation: { alert: 'control' }, attack: attackAt(10_001) }];
  expect(verdicts(facts([source([])], expected))).toMatchObject([{ outcome: 'unverified', reason: 'needs audit, which falco cannot see' }]);
  expect(outcomes(facts([source([], { capabilities: ['audit'] })], expected))).toEqual(['missed']);
});

test('a product that says it blocked the attack makes it prevented, not executed no more', () => {
  const attack = attackAt(10_001);
  const given = facts([source([alert(10_101, { name: 'Drift blocked' })])], [{ expectation: { alert: 'drift' }, attack }]);
  const { evidence } = judge.weigh(given);
  const ran = {
    facts: { key: attack.key, name: 'run', attack: ['T1105'], kind: 'exec' },
    end: {
      status: 'failed',
      startedAt: attack.from,
      milliseconds: 500,
      problem: { code: 'expectation', message: 'exitCode 126' },
    } as const,
  };
  expect(evidence.map((each) => verdictOf({ alert: 'drift' }, { attack: ran }, each))).toMatchObject([
    { outcome: 'prevented', reason: 'stopped by falco ("Drift blocked"); "run" took no proven effect: exitCode 126' },
  ]);
});

test('alerts that nearly counted are kept with the reason', () => {
  const near = (told: ToldAlert, change: Partial<AlertExpectation> = {}) =>
    judge.weigh(facts([source([told])], [scanAt(10_001, change)])).evidence[0]?.near.map(({ why }) => why);
  expect(near(alert(9001))).toEqual(['too early']);
  expect(near(alert(40_001))).toEqual(['too late']);
  expect(near(alert(10_101, { severity: 'low' }), { severity: 'high' })).toEqual(['too weak']);
  expect(near(alert(10_101), { where: 'alert.count > 1' })).toEqual(['condition']);
  expect(near(alert(10_101, { entities: { namespace: 'shop', commandLines: [] } }))).toEqual(['not of this run']);
});

const time = fc.integer({ min: 9000, max: 40_000 });
const entities = fc.constantFrom<AlertEntities>(
  ours,
  { namespace: 'shop', commandLines: [] },
  { cluster: 'lab', commandLines: [] },
  { commandLines: [] },
);
const anyAlert = fc
  .record({
    id: fc.nat(6),
    at: time,
    isTimed: fc.boolean(),
    count: fc.integer({ min: 1, max: 3 }),
    entities,
    name: fc.constantFrom(SCAN, 'Drift'),
    baseline: fc.boolean(),
  })
  .map(({ id, at, isTimed, baseline, ...rest }): ToldAlert => {
    const { alert: made } = alert(at, { id: `a${id}`, ...rest });
    return { alert: isTimed ? made : { ...made, times: { seen: made.times.seen } }, baseline: baseline && at < 10_000 };
  });
/** An alert has one state at a time. */
const anyAlerts = fc.uniqueArray(anyAlert, { maxLength: 8, selector: ({ alert: { id, times } }) => `${id} ${times.seen}` });
const anyGap = fc
  .record({ from: time, length: fc.nat(3000) })
  .map(({ from, length }) => ({ from, to: from + length, reason: 'a page did not come' }));
const expected = [
  scanAt(10_001),
  scanAt(20_001),
  scanAt(20_001, { count: 2 }),
  { expectation: { alert: 'drift' }, attack: attackAt(20_001) },
];

test('alerts of others never make a verdict detected', () => {
  fc.assert(
    fc.property(anyAlerts, anyAlert, (alerts, one) => {
      const foreign: ToldAlert = { ...one, alert: { ...one.alert, id: 'foreign', entities: { namespace: 'shop', commandLines: [] } } };
      expect(outcomes(facts([source([...alerts, foreign])], expected))).toEqual(outcomes(facts([source(alerts)], expected)));
    }),
  );
});

test('the order in which alerts arrive changes no verdict', () => {
  fc.assert(
    fc.property(
      anyAlerts.chain((alerts) => fc.tuple(fc.constant(alerts), fc.shuffledSubarray(alerts, { minLength: alerts.length }))),
      ([alerts, shuffled]) => {
        expect(outcomes(facts([source(shuffled)], expected))).toEqual(outcomes(facts([source(alerts)], expected)));
      },
    ),
  );
});

test('duplicates change no count, told again or by a second source', () => {
  fc.assert(
    fc.property(anyAlerts, (alerts) => {
      const seen = (sources: readonly WatchedSource[]) => judge.weigh(facts(sources, expected)).evidence.map((each) => each.seen);
      const once = seen([source(alerts)]);
      expect(seen([source([...alerts, ...alerts])])).toEqual(once);
      expect(seen([source(alerts), source(alerts, { name: 'second' })])).toEqual(once);
    }),
  );
});

test('a gap takes no detection away, makes none, and leaves no miss in whose window it is', () => {
  fc.assert(
    fc.property(anyAlerts, anyGap, (alerts, gap) => {
      const without = outcomes(facts([source(alerts)], expected));
      const withGap = outcomes(facts([source(alerts, { gaps: [gap] })], expected));
      for (const [index, outcome] of withGap.entries()) {
        expect(outcome === 'detected').toBe(without[index] === 'detected');
        const { from, to } = expected[index]?.attack ?? { from: 0, to: 0 };
        if (outcome === 'missed') expect(gap.to < from || gap.from > to + 10_000).toBe(true);
      }
    }),
  );
});

test('a miss is never said of a source that has not told all of the window', () => {
  fc.assert(
    fc.property(anyAlerts, time, (alerts, at) => {
      const given = outcomes(facts([source(alerts, { heartbeats: [{ at, told: at }] })], expected));
      for (const [index, outcome] of given.entries())
        if (outcome === 'missed') expect(at).toBeGreaterThanOrEqual((expected[index]?.attack?.to ?? 0) + 10_000);
    }),
  );
});
