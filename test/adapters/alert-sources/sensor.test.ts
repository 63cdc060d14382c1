import { expect, test } from 'vitest';
import { sensor, withDoubts } from '../../../src/adapters/alert-sources/sensor.ts';
import type { SourceWorld } from '../../../src/adapters/alert-sources/source-type.ts';
import type { SourceEvent } from '../../../src/ports/alerts.ts';
import { Failure } from '../../../src/ports/failure.ts';
import { fakeCluster } from '../../fakes/cluster.ts';
import { quickClock } from '../../fakes/quick-clock.ts';
import { testWorld } from './world.ts';

const quiet = { evaluate: () => [], doubt: () => undefined };

type Settings = Parameters<typeof sensor.create>[0];

const checksWith = async (settings: object, detector: SourceWorld['detector']) => {
  const world = testWorld(quickClock(), { cluster: async () => fakeCluster(), detector });
  return await sensor.create({ name: 'lab', ...settings } as Settings, world).check(AbortSignal.timeout(5000));
};

test('the settings choose the rules, and a check says which are disabled', async () => {
  const asked: unknown[] = [];
  const checks = await checksWith({ rules: '/etc/rules', disabled: ['a', 'b'] }, async (...args) => {
    asked.push(args);
    return quiet;
  });
  expect(asked).toEqual([['lab', { folder: '/etc/rules', disabled: ['a', 'b'] }]]);
  expect(checks[0]).toEqual({ title: 'Rules', result: 'warning', message: 'the settings disable: a, b' });
});

test('a check of all the rules says nothing of them', async () => {
  const checks = await checksWith({}, async () => quiet);
  expect(checks.map(({ title }) => title)).not.toContain('Rules');
});

test('rules that cannot be used fail the check, and the sensors are looked at all the same', async () => {
  const checks = await checksWith({}, async () => {
    throw new Failure('configuration', 'there is no rule', { hint: 'there are others' });
  });
  expect(checks.map(({ title, result }) => `${title}: ${result}`)).toEqual(['Rules: failed', 'Sensor: failed']);
  expect(checks[0]).toMatchObject({ message: 'there is no rule', hint: 'there are others' });
});

test('a folder of rules is named in full', () => {
  const problemsOf = (settings: object) => sensor.problems?.({ name: 'lab', ...settings } as Settings);
  expect(problemsOf({ rules: 'detections' })).toMatchObject([{ path: ['rules'], message: '`rules` must be absolute' }]);
  expect(problemsOf({ rules: '/etc/rules' })).toEqual([]);
});

test('a doubt about the rules is a gap since the run began, told once with the next heartbeat', async () => {
  const doubts = [
    undefined,
    'the rule scan could not be evaluated: no such overload',
    'the rule scan could not be evaluated: no such overload',
  ];
  async function* heartbeats(): AsyncGenerator<SourceEvent> {
    for (const at of [2000, 3000, 4000]) yield { type: 'heartbeat', at };
  }
  const told: SourceEvent[] = [];
  for await (const event of withDoubts(heartbeats(), { doubt: () => doubts.shift() }, 1000)) told.push(event);
  expect(told).toEqual([
    { type: 'heartbeat', at: 2000 },
    { type: 'gap', from: 1000, to: 3000, reason: 'the rule scan could not be evaluated: no such overload' },
    { type: 'heartbeat', at: 3000 },
    { type: 'heartbeat', at: 4000 },
  ]);
});
