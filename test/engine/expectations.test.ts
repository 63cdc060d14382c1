import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { OtherRun } from '../../src/alerts/evidence.ts';
import { judgeBy } from '../../src/alerts/judge.ts';
import type { RunEvent } from '../../src/engine/events.ts';
import { watchAlerts } from '../../src/engine/expectations.ts';
import type { RanStep } from '../../src/engine/verdict.ts';
import type { AlertExpectation } from '../../src/steps/step.ts';
import { alertOf, entryOf, fakeSource } from '../fakes/alert-source.ts';
import { fakeClock } from '../fakes/clock.ts';

const START = 1_000_000;
const judge = judgeBy(new Map([['scan', entryOf('scan')]]));
const attack: RanStep = {
  facts: { key: 'steps.1', name: 'Scan', attack: ['T1046'], kind: 'exec' },
  end: { status: 'succeeded', startedAt: START, milliseconds: 200 },
};
const ours = (change: object = {}) => alertOf({ seen: START + 700, entities: { namespace: 'sim-k3x9', commandLines: [] }, ...change });
const settleTurns = async () => {
  for (let i = 0; i < 10; i++) await turn();
};

async function watching(sources = [fakeSource()], others: OtherRun[] = []) {
  const clock = fakeClock();
  const events: RunEvent[] = [];
  const stop = new AbortController();
  const identity = { id: 'k3x9', namespace: 'sim-k3x9', podUids: [], containerIds: [], podNames: [], clusters: ['lab'] };
  const record = (event: RunEvent) => void events.push(event);
  const watch = await watchAlerts({ sources, judge, clock, record, identity: () => identity, others: () => others }, stop.signal);
  const source = sources[0] as ReturnType<typeof fakeSource>;
  return {
    watch,
    clock,
    events,
    source,
    stop,
    settle: async (expectation: Partial<AlertExpectation> = {}) =>
      (await watch.settle([{ expectation: { alert: 'scan', ...expectation }, attack: { attack } }], [attack])).verdicts[0],
    /** The window is over, and the source has told all of it. */
    async end(milliseconds = 10_201) {
      await settleTurns();
      clock.advance(milliseconds);
      source.tell({ type: 'heartbeat', at: clock.now() });
    },
  };
}

test('an alert of this run settles its expectation before the window ends', async () => {
  const { watch, source, events, settle } = await watching();
  const verdict = settle();
  source.tell({ type: 'alert', alert: ours() });
  expect(await verdict).toMatchObject({ outcome: 'detected', milliseconds: 700, evidence: [{ rung: 'namespace' }] });
  expect(events.map(({ type }) => type)).toEqual(['source-opened', 'alert-seen', 'expectation-settled']);
  await watch.close();
});

test.for([
  ['of another run', ours({ entities: { namespace: 'sim-other', commandLines: [] } })],
  ['of another behaviour', ours({ name: 'Read sensitive file' })],
  ['from before the attack', ours({ times: { seen: START - 1 } })],
])('an alert %s is not its alert: missed when the window ends', async ([, alert]) => {
  const { watch, source, settle, end } = await watching();
  const verdict = settle();
  source.tell({ type: 'alert', alert: alert as ReturnType<typeof ours> });
  await end();
  expect(await verdict).toMatchObject({ outcome: 'missed', explanations: expect.any(Array) });
  await watch.close();
});

test('an alert that was there before the attack is not its alert, until it goes on', async () => {
  for (const [change, outcome] of [
    [{}, 'missed'],
    [{ count: 2 }, 'detected'],
  ] as const) {
    const { watch, source, settle, end } = await watching();
    source.tell({ type: 'alert', alert: ours({ times: { seen: START } }), baseline: true });
    source.tell({ type: 'alert', alert: ours(change) });
    const verdict = settle();
    await end();
    expect((await verdict)?.outcome).toBe(outcome);
    await watch.close();
  }
});

test('within overrides the window of the source', async () => {
  const { watch, settle, end } = await watching();
  const verdict = settle({ within: 1000 });
  await end(1200);
  expect(await verdict).toMatchObject({ outcome: 'missed', reason: expect.stringContaining('within 1.2 s') });
  await watch.close();
});

test('a source that lags behind is waited for: its alert counts though it is told after the window', async () => {
  const { watch, source, clock, settle } = await watching();
  const verdict = settle();
  source.tell({ type: 'heartbeat', at: START + 2000 });
  await settleTurns();
  clock.advance(10_201);
  await settleTurns();
  clock.advance(3000);
  source.tell({ type: 'alert', alert: ours({ times: { seen: clock.now() } }) });
  source.tell({ type: 'heartbeat', at: clock.now() });
  expect(await verdict).toMatchObject({ outcome: 'detected', milliseconds: 13_201 });
  await watch.close();
});

test('what comes after a source had told all of the window is late', async () => {
  const { watch, source, clock, settle } = await watching([fakeSource(), fakeSource({ name: 'slow' })]);
  const verdict = settle();
  await settleTurns();
  clock.advance(10_201);
  source.tell({ type: 'heartbeat', at: clock.now() });
  await settleTurns();
  clock.advance(1000);
  source.tell({ type: 'alert', alert: ours({ times: { seen: clock.now() } }) });
  await settleTurns();
  clock.advance(90_000);
  expect(await verdict).toMatchObject({ outcome: 'unverified', reason: 'slow gave no sign that it watched' });
  await watch.close();
});

test('a source that gives no sign of life is given up at last: unverified', async () => {
  const { watch, clock, settle } = await watching();
  const verdict = settle();
  await settleTurns();
  clock.advance(10_201);
  await settleTurns();
  clock.advance(90_000);
  expect(await verdict).toMatchObject({ outcome: 'unverified', reason: 'lab-falco gave no sign that it watched' });
  await watch.close();
});

test.for([
  ['a severity too low', { severity: 'high' }, ours({ severity: 'low' }), 'missed'],
  ['a severity that suffices', { severity: 'medium' }, ours({ severity: 'high' }), 'detected'],
  ['a condition that holds', { where: 'alert.count > 1' }, ours({ count: 2 }), 'detected'],
  ['a condition that does not', { where: 'alert.count > 1' }, ours(), 'missed'],
  ['a condition about a field that is not there', { where: 'alert.raw.pid > 1' }, ours(), 'missed'],
  ['another source', { source: 'defender' }, ours(), 'unverified'],
] as const)('%s', async ([, change, alert, outcome]) => {
  const { watch, source, settle, end } = await watching();
  const verdict = settle(change);
  source.tell({ type: 'alert', alert: alert as ReturnType<typeof ours> });
  await end();
  expect((await verdict)?.outcome).toBe(outcome);
  await watch.close();
});

test('an alert told twice is one alert, and one by two sources is no two', async () => {
  const sources = [fakeSource(), fakeSource({ name: 'second' })];
  const { watch, settle, end } = await watching(sources);
  const verdict = settle({ count: 2 });
  for (const source of sources) {
    source.tell({ type: 'alert', alert: ours({ source: source.name }) });
    source.tell({ type: 'alert', alert: ours({ source: source.name }) });
    source.tell({ type: 'heartbeat', at: START + 20_000 });
  }
  await end();
  expect(await verdict).toMatchObject({ outcome: 'missed', reason: expect.stringContaining('only 1 of 2') });
  await watch.close();
});

test('a gap, or a stream that breaks, makes it unverified', async () => {
  for (const trouble of ['gap', 'break'] as const) {
    const { watch, source, settle, end } = await watching();
    const verdict = settle();
    if (trouble === 'gap') source.tell({ type: 'gap', from: START, to: START + 5, reason: 'lost 3 events' });
    else source.fail(new Error('connection reset'));
    await end();
    expect(await verdict).toMatchObject({ outcome: 'unverified', reason: expect.stringMatching(/lost 3 events|connection reset/) });
    await watch.close();
  }
});

test('a product that has no such alert cannot miss it', async () => {
  const { watch, settle } = await watching([fakeSource({ product: 'other' })]);
  expect(await settle()).toMatchObject({ outcome: 'unverified', reason: 'no alert source is open that could see it' });
  await watch.close();
});

test('an interruption settles what is open as unverified', async () => {
  const { watch, stop, settle } = await watching();
  const verdict = settle();
  await settleTurns();
  stop.abort();
  expect((await verdict)?.outcome).toBe('unverified');
  await watch.close();
});

test('sources are open before anything runs, and told since when', async () => {
  const { source, watch } = await watching();
  expect(source.opened).toEqual([{ id: 'k3x9', namespace: 'sim-k3x9', targets: [], since: START }]);
  await watch.close();
});

test('an alert of this run that nothing expects is listed apart', async () => {
  const { watch, source, end } = await watching();
  const settled = watch.settle([{ expectation: { alert: 'scan' }, attack: { attack } }], [attack]);
  source.tell({ type: 'alert', alert: ours({ name: 'Read sensitive file', id: 'x', severity: 'low' }) });
  source.tell({ type: 'alert', alert: ours({ name: 'Read sensitive file', id: 'y', entities: { namespace: 'shop', commandLines: [] } }) });
  await end();
  expect((await settled).unexpected).toEqual([
    { source: 'lab-falco', id: 'x', name: 'Read sensitive file', rung: 'namespace', severity: 'low', count: 1 },
  ]);
  await watch.close();
});

test('the log keeps an alert of this run whole but bounded, and of others only its state', async () => {
  const { watch, source, events } = await watching();
  source.tell({ type: 'alert', alert: ours({ raw: { big: 'x'.repeat(10_000) }, name: 'n'.repeat(5000) }) });
  source.tell({ type: 'alert', alert: ours({ raw: { small: 1 } }) });
  source.tell({ type: 'alert', alert: ours({ entities: { namespace: 'shop', commandLines: ['secret'] } }) });
  await settleTurns();
  const seen = events.flatMap((event) => (event.type === 'alert-seen' ? [event] : []));
  expect(seen[0]?.alert).toMatchObject({ raw: null, name: `${'n'.repeat(1024)}...` });
  expect(seen[1]?.alert).toMatchObject({ raw: { small: 1 }, times: { seen: START + 700 } });
  expect(seen[2]).toEqual({ type: 'alert-seen', at: START, source: 'lab-falco', id: 'alert-1', name: ours().name });
  await watch.close();
});

test('of several sources each has its word on each alert, also on what came after the verdict on it', async () => {
  const sources = [
    fakeSource(),
    fakeSource({ name: 'second' }),
    fakeSource({ name: 'lazy' }),
    fakeSource({ name: 'blind', capabilities: ['audit'] }),
    fakeSource({ name: 'foreign', product: 'elastic' }),
  ];
  const [first, second] = sources as [ReturnType<typeof fakeSource>, ReturnType<typeof fakeSource>];
  const { watch, clock } = await watching(sources);
  const expectations = [{ alert: 'scan' }, { alert: 'scan', source: 'second', count: 2 }];
  const settled = watch.settle(
    expectations.map((expectation) => ({ expectation, attack: { attack } })),
    [attack],
  );
  first.tell({ type: 'alert', alert: ours() });
  await settleTurns();
  second.tell({ type: 'alert', alert: ours({ source: 'second', times: { seen: START + 2500 } }) });
  await settleTurns();
  clock.advance(10_201);
  for (const source of sources) if (source.name !== 'lazy') source.tell({ type: 'heartbeat', at: clock.now() });
  const { verdicts } = await settled;
  expect(verdicts.map(({ outcome }) => outcome)).toEqual(['detected', 'missed']);
  expect(verdicts[0]?.bySource).toEqual([
    { source: 'lab-falco', state: 'seen', milliseconds: 700 },
    { source: 'second', state: 'seen', milliseconds: 2500 },
    { source: 'lazy', state: 'not yet' },
    { source: 'blind', state: 'cannot see' },
    { source: 'foreign', state: 'cannot see' },
  ]);
  expect(verdicts[1]?.bySource?.map(({ state }) => state)).toEqual(['cannot see', 'seen', 'cannot see', 'cannot see', 'cannot see']);
  await watch.close();
});
