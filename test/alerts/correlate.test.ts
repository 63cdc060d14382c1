// What ties an alert to a run, and that nothing ties it to another run.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { correlate, type RunIdentity } from '../../src/alerts/correlate.ts';

const container = '4f6c1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7';
const run: RunIdentity = {
  id: 'k3x9',
  namespace: 'sim-k3x9',
  podUids: ['6a1f0c1e-3f8f-4b5e-9a53-0a7f4c1d2e3f'],
  containerIds: [container],
  podNames: ['victim-6f9c8d7b5-x2x9z'],
  clusters: ['lab'],
};
const nothing = { commandLines: [] as string[] };

test.each([
  ['command line', { entities: { commandLines: ['sh -c echo x| bash -s sim-k3x9'], namespace: 'other' }, raw: {} }],
  ['namespace', { entities: { ...nothing, namespace: 'sim-k3x9' }, raw: {} }],
  ['run id', { entities: nothing, raw: { properties: [{ env: 'SIM_RUN=k3x9' }] } }],
  ['run id', { entities: nothing, raw: { 'sim-k3x9': true } }],
  ['pod', { entities: nothing, raw: { uid: '6a1f0c1e-3f8f-4b5e-9a53-0a7f4c1d2e3f' } }],
  ['container', { entities: { ...nothing, container: `containerd://${container}` }, raw: {} }],
  ['container', { entities: nothing, raw: { 'container.id': container.slice(0, 12) } }],
  ['container', { entities: { ...nothing, containerId: container }, raw: {} }],
  ['pod', { entities: { ...nothing, pod: 'victim-6f9c8d7b5-x2x9z' }, raw: {} }],
  ['cluster', { entities: { ...nothing, cluster: 'LAB' }, raw: {} }],
])('%s', (rung, alert) => {
  expect(correlate(alert, run)).toBe(rung);
});

test.each([
  [
    'another run whose id begins with this one',
    { entities: { commandLines: ['bash -s sim-k3x97'], namespace: 'sim-k3x97' }, raw: 'SIM_RUN=k3x97' },
  ],
  ['another run whose id ends with this one', { entities: { commandLines: ['bash -s sim-ak3x9'] }, raw: {} }],
  ['a part of the container id', { entities: nothing, raw: container.slice(0, 8) }],
  ['an empty alert', { entities: nothing, raw: null }],
  ['a pod of that name in another namespace', { entities: { ...nothing, pod: 'victim-6f9c8d7b5-x2x9z', namespace: 'shop' }, raw: {} }],
  ['another cluster', { entities: { ...nothing, cluster: 'prod' }, raw: {} }],
  ["this cluster, but somebody else's namespace", { entities: { ...nothing, cluster: 'lab', namespace: 'shop' }, raw: {} }],
  ["this cluster, but somebody else's pod", { entities: { ...nothing, cluster: 'lab', pod: 'cart' }, raw: {} }],
  ["this cluster, but somebody else's container", { entities: { ...nothing, cluster: 'lab', containerId: 'f'.repeat(64) }, raw: {} }],
  [
    "this cluster, but somebody else's account",
    { entities: { ...nothing, cluster: 'lab', user: 'system:serviceaccount:shop:default' }, raw: {} },
  ],
  ['this cluster, but the marker of another run', { entities: { ...nothing, cluster: 'lab' }, raw: { text: 'bash -s sim-0123abcd' } }],
])('nothing: %s', (_, alert) => {
  expect(correlate(alert, run)).toBeUndefined();
});

test('a raw alert that contains itself ends the search', () => {
  const raw: Record<string, unknown> = { name: 'x' };
  raw.self = raw;
  expect(correlate({ entities: nothing, raw }, run)).toBeUndefined();
});

test('a run without pods claims nothing by empty ids', () => {
  expect(correlate({ entities: { ...nothing, container: '' }, raw: '' }, { ...run, podUids: [''], containerIds: [''] })).toBeUndefined();
});

test('any raw alert: the run id is found wherever it stands as a word, and no other run claims it', () => {
  const id = fc.stringMatching(/^[a-z0-9]{6}$/);
  fc.assert(
    fc.property(id, id, fc.json(), fc.nat(3), (mine, other, json, depth) => {
      fc.pre(mine !== other && !json.includes(mine) && !json.includes(other));
      let raw: unknown = `SIM_RUN=${mine}`;
      for (let level = 0; level < depth; level += 1) raw = { rest: JSON.parse(json), inner: [raw] };
      const identity = (name: string): RunIdentity => ({
        id: name,
        namespace: `sim-${name}`,
        podUids: [],
        containerIds: [],
        podNames: [],
        clusters: [],
      });
      expect(correlate({ entities: nothing, raw }, identity(mine))).toBe('run id');
      expect(correlate({ entities: nothing, raw }, identity(other))).toBeUndefined();
    }),
  );
});
