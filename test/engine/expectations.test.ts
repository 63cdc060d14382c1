import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { RunEvent } from '../../src/engine/events.ts';
import { watchAlerts } from '../../src/engine/expectations.ts';
import type { RanStep } from '../../src/engine/verdict.ts';
import { alertOf, fakeSource } from '../fakes/alert-source.ts';
import { fakeClock } from '../fakes/clock.ts';

const START = 1_000_000;
const judge = {
  matches: (id: string, alert: { name: string }) => id === 'scan' && alert.name.includes('Network Tool'),
  correlate: (alert: { entities: { namespace?: string } }) => (alert.entities.namespace === 'sim-k3x9' ? 'namespace' : undefined),
  covers: (_: string, product: string) => product === 'falco',
};
const attack: RanStep = {
  facts: { key: 'steps.1', name: 'Scan', attack: ['T1046'], kind: 'exec' },
  end: { status: 'succeeded', startedAt: START, milliseconds: 200 },
};
const ours = (change: object = {}) => alertOf({ seen: START + 700, entities: { namespace: 'sim-k3x9', commandLines: [] }, ...change });
const settleTurns = async () => {
  for (let i = 0; i < 10; i++) await turn();
};

async function watching(sources = [fakeSource()]) {
  const clock = fakeClock();
  const events: RunEvent[] = [];
  const stop = new AbortController();
  const identity = { id: 'k3x9', namespace: 'sim-k3x9', podUids: [], containerIds: [] };
  const watch = await watchAlerts({ sources, judge, clock, record: (event) => events.push(event) }, identity, stop.signal);
  return { watch, clock, events, source: sources[0] as ReturnType<typeof fakeSource>, stop };
}

test('an alert of this run settles its expectation before the window ends', async () => {
  const { watch, source, events } = await watching();
  const verdict = watch.settle({ alert: 'scan' }, { attack });
  source.tell({ type: 'alert', alert: ours() });
  expect(await verdict).toMatchObject({ outcome: 'detected', milliseconds: 700, evidence: [{ rung: 'namespace' }] });
  expect(events.map(({ type }) => type)).toEqual(['alert-seen', 'expectation-settled']);
  await watch.close();
});

test.for([
  ['of another run', ours({ entities: { namespace: 'sim-other', commandLines: [] } })],
  ['of another behaviour', ours({ name: 'Read sensitive file' })],
  ['from before the attack', ours({ times: { seen: START - 1 } })],
  ['after the window', ours({ times: { seen: START + 200 + 10_001 } })],
])('an alert %s is not its alert: missed when the window ends', async ([, alert]) => {
  const { watch, source, clock } = await watching();
  const verdict = watch.settle({ alert: 'scan' }, { attack });
  source.tell({ type: 'alert', alert: alert as ReturnType<typeof ours> });
  await settleTurns();
  clock.advance(10_201);
  expect((await verdict).outcome).toBe('missed');
  await watch.close();
});

test('within overrides the window of the source', async () => {
  const { watch, clock } = await watching();
  const verdict = watch.settle({ alert: 'scan', within: 1000 }, { attack });
  await settleTurns();
  clock.advance(1200);
  expect(await verdict).toMatchObject({ outcome: 'missed', reason: expect.stringContaining('within 1.2 s') });
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
  const { watch, source, clock } = await watching();
  const verdict = watch.settle({ alert: 'scan', ...change }, { attack });
  source.tell({ type: 'alert', alert: alert as ReturnType<typeof ours> });
  await settleTurns();
  clock.advance(10_201);
  expect((await verdict).outcome).toBe(outcome);
  await watch.close();
});

test('an update of an alert is the same alert', async () => {
  const { watch, source, clock } = await watching();
  const verdict = watch.settle({ alert: 'scan', count: 2 }, { attack });
  source.tell({ type: 'alert', alert: ours() });
  source.tell({ type: 'alert', alert: ours() });
  await settleTurns();
  clock.advance(10_201);
  expect((await verdict).outcome).toBe('missed');
  await watch.close();
});

test('a gap, or a stream that breaks, makes it unverified', async () => {
  for (const trouble of ['gap', 'break'] as const) {
    const { watch, source, clock } = await watching();
    const verdict = watch.settle({ alert: 'scan' }, { attack });
    if (trouble === 'gap') source.tell({ type: 'gap', from: START, to: START + 5, reason: 'lost 3 events' });
    else source.fail(new Error('connection reset'));
    await settleTurns();
    clock.advance(10_201);
    expect(await verdict).toMatchObject({ outcome: 'unverified', reason: expect.stringMatching(/lost 3 events|connection reset/) });
    await watch.close();
  }
});

test('a product that has no such alert cannot miss it', async () => {
  const { watch } = await watching([fakeSource({ product: 'other' })]);
  expect(await watch.settle({ alert: 'scan' }, { attack })).toMatchObject({
    outcome: 'unverified',
    reason: 'no alert source is open that could see it',
  });
  await watch.close();
});

test('an interruption settles what is open as unverified', async () => {
  const { watch, stop } = await watching();
  const verdict = watch.settle({ alert: 'scan' }, { attack });
  await settleTurns();
  stop.abort();
  expect((await verdict).outcome).toBe('unverified');
  await watch.close();
});

test('sources are open before anything runs, and told since when', async () => {
  const { source, watch } = await watching();
  expect(source.opened).toEqual([{ id: 'k3x9', namespace: 'sim-k3x9', since: START }]);
  await watch.close();
});
