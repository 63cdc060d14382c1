// What the source says where its rules cannot be trusted to have seen all.
import { expect, test } from 'vitest';
import { withDoubts } from '../../../src/adapters/alert-sources/sensor.ts';
import type { SourceEvent } from '../../../src/ports/alerts.ts';

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
