import { expect, test } from 'vitest';
import { clockOffset } from '../../../src/adapters/alert-sources/clock-offset.ts';
import { type Page, type Polled, pollSource } from '../../../src/adapters/alert-sources/poll.ts';
import type { AlertSource } from '../../../src/ports/alerts.ts';
import { Failure } from '../../../src/ports/failure.ts';
import { watch } from '../../contract/alert-source.ts';
import { quickClock } from '../../fakes/quick-clock.ts';

const draft = (id: string) => ({ id, name: id, techniques: [], times: {}, count: 1, entities: { commandLines: [] }, raw: {} });

function stage(page: Polled['page'], change: Partial<Polled> = {}) {
  const clock = quickClock();
  const identity = { name: 'polled', product: 'p', proof: 'real software', capabilities: [], window: 0 } as const;
  const source: AlertSource = { ...identity, ...pollSource({ ...identity, clock, interval: 1000, mostPages: 3, page, ...change }) };
  return { clock, source };
}

test('more pages than are read: what was read is told, and a gap instead of a heartbeat', async () => {
  const { clock, source } = stage(async ({ number }) => ({ alerts: [draft(`a${number}`)], next: number + 1 }));
  const watcher = await watch(source, clock.now() - 1000);
  await watcher.until(
    'gap',
    (event) => event.type === 'gap' && event.reason === 'there are more than 3 pages of alerts, and the rest was not read',
  );
  expect(watcher.events.flatMap((event) => (event.type === 'alert' ? [event.alert.id] : []))).toEqual(['a0', 'a1', 'a2']);
  expect(watcher.events.some(({ type }) => type === 'heartbeat')).toBe(false);
  await watcher.stop();
});

test('what came before the trouble is told at once, and not again after it', async () => {
  let tries = 0;
  const { clock, source } = stage(async ({ number }): Promise<Page> => {
    if (number === 0) return { alerts: [draft('first')], next: 1 };
    if (++tries < 3) throw new Failure('server-error', 'oops');
    return { alerts: [draft('second')] };
  });
  const watcher = await watch(source, clock.now());
  await watcher.heartbeat();
  const kinds = watcher.events.map((event) => (event.type === 'alert' ? event.alert.id : event.type));
  expect(kinds.filter((kind) => kind !== 'gap')).toEqual(['first', 'second', 'heartbeat']);
  expect(clock.slept.slice(0, 2)).toEqual([1000, 2000]);
  await watcher.stop();
});

test('gaps join, and the heartbeat after them begins where they end', async () => {
  let calls = 0;
  const { clock, source } = stage(async () => {
    calls++;
    if (calls > 1 && calls < 5) throw new Failure('throttled', 'slow down', { retryAfter: 10 });
    return { alerts: [] };
  });
  const watcher = await watch(source, clock.now());
  await watcher.heartbeat();
  await watcher.heartbeat();
  const told = watcher.events.flatMap((event) => (event.type === 'gap' ? [event] : []));
  for (const [index, { from }] of told.entries()) if (index > 0) expect(from).toBe(told[index - 1]?.to);
  const beats = watcher.events.flatMap((event) => (event.type === 'heartbeat' ? [event.at] : []));
  expect(told[0]?.from).toBe(beats[0]);
  expect(told.at(-1)?.to).toBe(beats[1]);
  await watcher.stop();
});

test('a source that never answers is not opened for ever', async () => {
  const { clock, source } = stage(async () => {
    throw new Failure('unreachable', 'no route');
  });
  const opening = source.open({ id: 'a', namespace: 'b', since: clock.now() }, new AbortController().signal);
  await expect(opening).rejects.toMatchObject({ code: 'unreachable' });
  expect(clock.slept.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(120_000);
});

test('a fault of our own is no gap', async () => {
  const { clock, source } = stage(async () => {
    throw new TypeError('undefined is not a function');
  });
  const opening = source.open({ id: 'a', namespace: 'b', since: clock.now() }, new AbortController().signal);
  await expect(opening).rejects.toThrow(TypeError);
});

test('each answer narrows the offset down, and a clock that was set begins anew', () => {
  const offset = clockOffset();
  // The server is 300 ms ahead, and says whole seconds.
  const answer = (at: number, ahead = 300) => offset({ server: Math.floor((at + ahead) / 1000) * 1000, sent: at - 10, received: at + 10 });
  const first = answer(5000);
  expect(first?.uncertainty).toBeGreaterThan(500);
  const later = [5650, 5720, 6690, 7710].map((at) => answer(at)).filter((each) => each !== undefined);
  expect(later.at(-1)?.uncertainty).toBeLessThan(100);
  expect(Math.abs((later.at(-1)?.offset ?? 0) - 300)).toBeLessThanOrEqual(later.at(-1)?.uncertainty ?? 0);
  expect(Math.abs((answer(9000, 3_600_300)?.offset ?? 0) - 3_600_300)).toBeLessThanOrEqual(511);
});
