import { expect, test } from 'vitest';
import type { SourceTold, Verdict } from '../../src/engine/events.ts';
import { colours } from '../../src/reporters/format.ts';
import { sourceMatrix } from '../../src/reporters/source-matrix.ts';

const paint = colours(false);
const verdict = (alert: string, bySource?: SourceTold[]): Verdict => ({
  expectation: { alert },
  outcome: 'detected',
  reason: '',
  ...(bySource === undefined ? {} : { bySource }),
});
const seen = (source: string, milliseconds: number): SourceTold => ({ source, state: 'seen', milliseconds });

test('a row for each alert, a column for each source, and a word on what is not told by itself', () => {
  const verdicts = [
    verdict('scan', [seen('falco', 1200), seen('sen\u001bsor', 186)]),
    verdict('drift', [
      { source: 'falco', state: 'cannot see' },
      { source: 'sen\u001bsor', state: 'nothing' },
    ]),
    verdict('shell', [
      { source: 'falco', state: 'not yet' },
      { source: 'sen\u001bsor', state: 'ambiguous' },
    ]),
  ];
  expect(sourceMatrix([{ title: 'A', verdicts }], new Map(), paint).split('\n')).toEqual([
    'Alerts by source  falco       sen\uFFFDsor',
    '  scan            1.2 s       186 ms',
    '  drift           cannot see  nothing',
    '  shell           not yet     ambiguous',
    '  not yet: nothing until the verdict was reached; cannot see: it has no such alert, or does not see what that needs',
    '',
  ]);
});

test('of several runs the rows say which; a source that a run did not read has no word', () => {
  const runs = [
    { title: 'A', verdicts: [verdict('scan', [seen('x', 1), seen('y', 2)])] },
    { title: 'B', verdicts: [verdict('scan', [seen('y', 3), seen('z', 4)])] },
  ];
  expect(sourceMatrix(runs, new Map(), paint).split('\n').slice(1, 3)).toEqual([
    '  A: scan         1 ms  2 ms  -',
    '  B: scan         -     3 ms  4 ms',
  ]);
});

test('nothing where one source was read, or none', () => {
  expect(sourceMatrix([{ title: 'A', verdicts: [verdict('scan'), verdict('scan', [seen('x', 1)])] }], new Map(), paint)).toBe('');
  expect(sourceMatrix([], new Map(), paint)).toBe('');
});
