import { describe, expect, test } from 'vitest';
import { sensorChannel } from '../../../src/adapters/alert-sources/sensor-channel.ts';
import { sensorLines } from './sensor-lines.ts';

const NAME = 'the sensor on node n1';
/** The node's clock is a minute ahead of ours. */
const AHEAD = 60_000;
const since = 1_000_000;

/** A channel whose log was asked for 40 ms before `since` and came then, with a heartbeat of a second ago; `beat`: one that comes at a time of ours. */
function stage() {
  const channel = sensorChannel(NAME, since);
  channel.answered(since - 40, since);
  const lines = sensorLines();
  // What was lost before that is of no run that is watched.
  lines.lose(2);
  channel.take(lines.heartbeat(since + AHEAD - 1000), since);
  const beat = (at: number, more?: object) => channel.take(lines.heartbeat(at + AHEAD, more), at);
  return { channel, lines, beat };
}

describe('a stream of records', () => {
  test('is told once, whatever comes again after a break', () => {
    const { channel, lines } = stage();
    const [first, second] = [lines.process(since + AHEAD), lines.process(since + AHEAD + 1)];
    expect(channel.take(first, since)).toHaveProperty('observation');
    expect(channel.take(second, since)).toHaveProperty('observation');
    expect(channel.take(first, since + 5)).toEqual({});
    expect(channel.take(second, since + 5)).toEqual({});
    expect(channel.take(lines.process(since), since + 6)).not.toHaveProperty('gap');
  });

  test('with records missing has a gap from the last moment that is known', () => {
    const { channel, lines, beat } = stage();
    beat(since + 1000);
    lines.skip(3);
    expect(channel.take(lines.process(0), since + 1500)).toMatchObject({
      gap: { from: expect.closeTo(since + 960, 0), to: since + 1500, reason: `3 records of ${NAME} did not come` },
    });
    expect(channel.take(lines.process(0), since + 1600)).not.toHaveProperty('gap');
  });

  test('with a record that cannot be read says why', () => {
    const { channel, lines, beat } = stage();
    beat(since + 1000);
    expect(channel.take(lines.process(0, { where: [] }), since + 1400)).toEqual({});
    expect(channel.take(lines.process(0), since + 1500).gap?.reason).toBe(
      `1 record of ${NAME} did not come, one of which could not be read: where is no object`,
    );
  });

  test('other output of the program is no record, and none is missing for it', () => {
    const { channel, lines } = stage();
    channel.take(lines.process(0), since);
    expect(channel.take('W1125 reflector.go: watch of *v1.Pod ended', since)).toEqual({});
    expect(channel.take(lines.process(0), since)).not.toHaveProperty('gap');
  });

  test('of a sensor that was started anew has a gap until then', () => {
    const { channel, beat } = stage();
    beat(since + 1000);
    const again = sensorLines('b2');
    expect(channel.take(again.start(0), since + 4000)).toMatchObject({
      gap: { to: since + 4000, reason: `${NAME} was started anew` },
    });
    // Its counter begins anew, too.
    again.lose(5);
    expect(channel.take(again.heartbeat(since + AHEAD + 4100), since + 4100)).toEqual({ heartbeat: true });
  });

  test('whose sensor lost events has a gap between two heartbeats', () => {
    const { channel, lines, beat } = stage();
    expect(beat(since + 1000)).toEqual({ heartbeat: true });
    lines.lose(7);
    expect(beat(since + 2000)).toMatchObject({
      gap: { from: expect.closeTo(since + 960, 0), to: since + 2000, reason: `${NAME} lost 7 events` },
    });
    expect(beat(since + 3000)).toEqual({ heartbeat: true });
    expect(channel.covered()).toBeCloseTo(since + 2960, 0);
  });

  test('is covered until its heartbeat, less what the clocks may differ; and not further than the sensor says', () => {
    const { channel, beat } = stage();
    expect(channel.covered()).toBe(since);
    beat(since + 1000);
    expect(channel.covered()).toBeCloseTo(since + 960, 0);
    beat(since + 2000, { complete: new Date(since + 1200 + AHEAD).toISOString() });
    expect(channel.covered()).toBeCloseTo(since + 1160, 0);
  });

  test('measures the clock by the fastest line', () => {
    const { channel, lines } = stage();
    channel.take(lines.heartbeat(since + AHEAD), since + 900);
    channel.take(lines.heartbeat(since + AHEAD + 1000), since + 1410);
    channel.take(lines.heartbeat(since + AHEAD + 2000), since + 2010);
    expect(channel.clock()).toEqual({ low: AHEAD - 10 + 0.25, high: AHEAD + 30 + 0.25 });
  });

  test('does not measure the clock by what lay in the log: nobody knows for how long', () => {
    const channel = sensorChannel(NAME, since);
    const lines = sensorLines();
    channel.answered(since - 40, since);
    for (const ago of [2700, 1700, 700]) channel.take(lines.heartbeat(since + AHEAD - ago), since);
    expect(channel.clock()).toBeUndefined();
    expect(channel.covered()).toBe(since);
    channel.take(lines.heartbeat(since + AHEAD + 300), since + 310);
    channel.take(lines.heartbeat(since + AHEAD + 1300), since + 1305);
    expect(channel.clock()).toEqual({ low: AHEAD - 5 + 0.25, high: AHEAD + 35 + 0.25 });
  });

  test('without heartbeats for more than three seconds is a gap that grows', () => {
    const { channel, beat } = stage();
    beat(since + 1000);
    expect(channel.silence(since + 3500)).toBeUndefined();
    expect(channel.silence(since + 4500)).toMatchObject({
      from: expect.closeTo(since + 960, 0),
      to: since + 4500,
      reason: `${NAME} gave no heartbeat for 4 s`,
    });
    expect(channel.silence(since + 5500, 'node n1 has no sensor')).toEqual({
      from: since + 4500,
      to: since + 5500,
      reason: 'node n1 has no sensor',
    });
    beat(since + 6000);
    expect(channel.silence(since + 6500)).toBeUndefined();
    expect(channel.covered()).toBeCloseTo(since + 5960, 0);
  });

  test('is read again from a second before the last heartbeat, by the node', () => {
    expect(sensorChannel(NAME, since).resumeFrom()).toBeUndefined();
    const { channel, beat } = stage();
    beat(since + 1000);
    expect(channel.resumeFrom()).toBe(since + AHEAD + 0.25);
  });
});
