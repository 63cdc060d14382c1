import { expect, test } from 'vitest';
import { systemClock } from '../../src/adapters/clock.ts';

const clock = systemClock();

test('the wall clock and the forward-only clock', async () => {
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1000);
  const before = clock.monotonic();
  await clock.sleep(20);
  expect(clock.monotonic() - before).toBeGreaterThanOrEqual(19);
});

test('sleep rejects with the reason of its signal, before and during', async () => {
  const reason = new Error('enough');
  await expect(clock.sleep(10_000, AbortSignal.abort(reason))).rejects.toBe(reason);
  const stop = new AbortController();
  const sleeping = clock.sleep(10_000, stop.signal);
  stop.abort(reason);
  await expect(sleeping).rejects.toBe(reason);
});

test('a sleep longer than a timer can hold does not end at once', async () => {
  const stop = new AbortController();
  const sleeping = clock.sleep(2 ** 40, stop.signal);
  const first = await Promise.race([sleeping.catch(() => 'ended'), clock.sleep(20).then(() => 'still asleep')]);
  stop.abort();
  expect(first).toBe('still asleep');
  await sleeping.catch(() => undefined);
});
