import { expect, test } from 'vitest';
import { knownRun } from '../../src/engine/known-run.ts';

const pod = (uid: string, change: object = {}) => ({
  namespace: 'sim-k3x9',
  name: `pod-${uid}`,
  uid,
  containerIds: [`c-${uid}`],
  hasOwnName: false,
  ...change,
});

test('a run is known by more and more; what was handed out is not changed', () => {
  const known = knownRun({ id: 'k3x9', namespace: 'sim-k3x9' }, ['lab']);
  const before = known.identity();
  expect(known.learn(pod('a'))).toBe(true);
  expect(known.learn(pod('a'))).toBe(false);
  expect(known.learn(pod('b', { hasOwnName: true }))).toBe(true);
  expect(known.learn(pod('a', { containerIds: ['c-new'] }))).toBe(true);
  expect(before).toEqual({ id: 'k3x9', namespace: 'sim-k3x9', podNames: [], podUids: [], containerIds: [], clusters: ['lab'] });
  expect(known.identity()).toMatchObject({ podNames: ['pod-b'], podUids: ['a', 'b'], containerIds: ['c-a', 'c-b', 'c-new'] });
  expect(known.nodes()).toEqual([]);
  for (const [uid, node] of [
    ['c', 'node-1'],
    ['d', 'node-2'],
    ['e', 'node-1'],
  ] as const)
    known.learn(pod(uid, { node }));
  expect(known.nodes()).toEqual(['node-1', 'node-2']);
});
