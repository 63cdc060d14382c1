import { expect, test } from 'vitest';
import type { Verdict } from '../../src/engine/events.ts';
import { canaryText } from '../../src/reporters/canary-text.ts';
import { colours } from '../../src/reporters/format.ts';

test('a line for each source: how fast its alert came and how it was called, or why none did', () => {
  const verdict = (source: string, change: Partial<Verdict>): Verdict => ({
    expectation: { alert: 'drift', source },
    outcome: 'missed',
    reason: 'no alert came',
    ...change,
  });
  const evidence = [{ source: 'a', id: '1', name: 'Drift\u001b', rung: 'pod' }];
  const seen: Partial<Verdict> = { outcome: 'detected', milliseconds: 120, evidence };
  expect(canaryText([verdict('judge', seen), verdict('azure', {})], colours(false)).split('\n')).toEqual([
    'Canary',
    '  judge  detected after 120 ms  "Drift\uFFFD"',
    '  azure  missed                 no alert came',
    '',
  ]);
});
