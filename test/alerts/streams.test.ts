// Verdicts on labelled streams of alerts; `npm run bench -- verdicts` plays many more of the same.
import { expect, test } from 'vitest';
import { mark, play } from './play-stream.ts';
import { kinds, streamOf } from './streams.ts';

test.for(kinds)('%s: no verdict is false, and ambiguity is said', async (kind) => {
  for (let seed = 1000; seed < 1010; seed++) {
    const stream = streamOf(kind, seed);
    const verdicts = await play(stream);
    const marks = stream.expected.map(({ truth }, index) => {
      const verdict = verdicts[index];
      if (verdict === undefined) throw new Error('no verdict');
      return mark(truth, verdict);
    });
    expect({ seed, marks }).toEqual({ seed, marks: stream.expected.map(() => 'right') });
  }
});

test('the labels are of every sort, so that no rule of thumb fits them', () => {
  const truths = kinds.flatMap((kind) =>
    Array.from({ length: 10 }, (_, seed) => streamOf(kind, seed).expected.map(({ truth }) => truth)).flat(),
  );
  for (const truth of ['detected', 'missed', 'unverified', 'ambiguous', 'weak'] as const)
    expect(truths.filter((each) => each === truth).length, truth).toBeGreaterThan(3);
});

test('a stream is the same each time', () => {
  expect(streamOf('mixed', 7)).toEqual(streamOf('mixed', 7));
});

test('a false verdict is seen as one', () => {
  const verdict = { expectation: { alert: 'x' }, reason: '' };
  expect(mark('missed', { ...verdict, outcome: 'detected' })).toBe('false detected');
  expect(mark('weak', { ...verdict, outcome: 'detected' })).toBe('false detected');
  expect(mark('detected', { ...verdict, outcome: 'missed' })).toBe('false missed');
  expect(mark('unverified', { ...verdict, outcome: 'missed' })).toBe('false missed');
  expect(mark('ambiguous', { ...verdict, outcome: 'detected' })).toBe('silent ambiguity');
  expect(mark('detected', { ...verdict, outcome: 'unverified' })).toBe('withheld');
});
