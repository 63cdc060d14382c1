// Reasons for an alert that did not come, and their order.
import { expect, test } from 'vitest';
import type { NearMiss } from '../../src/alerts/evidence.ts';
import { explainMiss, type Miss } from '../../src/alerts/explain-miss.ts';
import type { MissFacts, SensorState } from '../../src/ports/miss-facts.ts';
import { alertOf, entryOf } from '../fakes/alert-source.ts';

const entry = entryOf('drift-binary', {
  products: {
    'defender-for-cloud': {
      names: ['A drift binary detected executing in the container'],
      types: [{ id: 'K8S.NODE_Guess', evidence: 'inferred' }],
      delay: 'up to an hour',
      longest: '1h',
      preconditions: ['A binary drift policy other than "Ignore drift detection" (the default) applies.'],
    },
    falco: { rules: [{ name: 'Drop and execute new binary in container', maturity: 'incubating' }], longest: '30s' },
  },
});
const START = 10_000_000;
const nobodyLooked: MissFacts = { sensors: [], checks: [] };

const miss = (
  change: {
    near?: NearMiss[];
    unexpected?: Miss['unexpected'];
    facts?: Partial<MissFacts>;
    source?: [string, string];
    window?: number;
  } = {},
) =>
  explainMiss({
    expectation: { alert: 'drift-binary', severity: 'high', where: 'alert.count > 1' },
    entry,
    attack: { key: 'steps.1', name: 'Run it', from: START, to: START + 500 },
    evidence: {
      window: change.window ?? 3_600_000,
      seen: 0,
      possible: 0,
      wanted: 1,
      sightings: [],
      near: change.near ?? [],
      watchers: [],
      mayBeBlocked: false,
    },
    unexpected: change.unexpected ?? [],
    products: new Map([change.source ?? ['azure', 'defender-for-cloud']]),
    facts: { ...nobodyLooked, ...change.facts },
  });
const near = (why: NearMiss['why'], alert: object = {}): NearMiss => ({
  source: 'azure',
  alert: alertOf({ seen: START, name: 'Drift', ...alert }),
  why,
});
const sensor = (change: Partial<SensorState>): Partial<MissFacts> => ({
  sensors: [{ source: 'azure', node: 'node-1', state: 'ready', ...change }],
});
const unexpected = (name: string, type?: string): Miss['unexpected'] => [
  { source: 'azure', rung: 'namespace', alert: alertOf({ seen: START, name, ...(type === undefined ? {} : { type }) }) },
];

test.for([
  ['too weak', { near: [near('too weak', { severity: 'low' })] }, 'azure raised "Drift", but with the severity low where high is expected'],
  ['a condition', { near: [near('condition')] }, 'azure raised "Drift", but it does not fulfil `alert.count > 1`'],
  [
    'too late',
    { near: [near('too late', { times: { seen: START + 500 + 3_600_000 + 12_000 } })] },
    'azure raised "Drift", but 12 s after the window; a longer `within` would have counted it',
  ],
  [
    'another pod',
    { near: [near('not of this run', { entities: { namespace: 'shop', pod: 'cart', commandLines: [] } })] },
    'azure raised "Drift" in the same time, but for the pod cart in the namespace shop',
  ],
  [
    'folded',
    { near: [near('not new')] },
    'azure raised "Drift" before the attack already, and nothing of it has changed since: the product may fold the attack into it',
  ],
  [
    'another spelling',
    { unexpected: unexpected('Drift binary detected executing in a container (Preview)') },
    'azure raised "Drift binary detected executing in a container (Preview)", perhaps another spelling of "A drift binary detected executing in the container": then it belongs into alerts/drift-binary.yaml',
  ],
  [
    'a guessed type',
    { unexpected: unexpected('Renamed', 'K8S.NODE_Guess') },
    'azure raised "Renamed" of the type K8S.NODE_Guess, which alerts/drift-binary.yaml only guesses',
  ],
  ['something else', { unexpected: unexpected('Shell') }, 'of this run there came only other alerts: "Shell"'],
  ['no sensor', { facts: sensor({ state: 'absent' }) }, 'the sensor of azure is absent on the node node-1, where the attack ran'],
  [
    'a sensor that is not ready',
    { facts: sensor({ state: 'not ready' }) },
    'the sensor of azure is not ready on the node node-1, where the attack ran',
  ],
  [
    'a sensor that restarted',
    { facts: sensor({ startedAt: START + 100, restarts: 2 }) },
    'the sensor of azure on the node node-1 started again after the attack had begun (2 restarts)',
  ],
  [
    'a new sensor',
    { facts: sensor({ startedAt: START - 60_000, warmUp: 900_000 }) },
    'the sensor of azure on the node node-1 had run for 60 s only when the attack began, and may raise nothing in its first 900 s',
  ],
  [
    'a failed check',
    { facts: { checks: [{ source: 'azure', check: { title: 'Plan', result: 'failed', message: 'it is off', hint: 'Switch it on.' } }] } },
    'azure, Plan: it is off (Switch it on.)',
  ],
  ['a short window', { window: 600_000 }, 'the window of 600 s is short for azure: its alert may take up to an hour'],
  [
    'a rule that is not loaded',
    { source: ['lab', 'falco'] },
    'lab loads its rule "Drop and execute new binary in container" (incubating) only where somebody switched it on',
  ],
  [
    'what nobody checked',
    {},
    'azure needs, which was not checked: A binary drift policy other than "Ignore drift detection" (the default) applies.',
  ],
] satisfies [string, Parameters<typeof miss>[0], string][])('%s is the first reason', ([, change, reason]) => {
  expect(miss(change)[0]).toBe(reason);
});

test('what was seen comes before what is wrong, and that before what nobody checked; a sensor that is well is no reason', () => {
  const reasons = miss({
    near: [near('too early'), near('too weak')],
    facts: { ...sensor({ state: 'absent' }), checks: [{ source: 'azure', check: { title: 'Path', result: 'ok', message: 'fine' } }] },
    window: 1000,
  });
  expect(reasons.map((reason) => reason.slice(0, 22))).toEqual([
    'azure raised "Drift", ',
    'azure raised "Drift", ',
    'the sensor of azure is',
    'the window of 1 s is s',
    'azure needs, which was',
  ]);
  expect(reasons[0]).toContain('severity');
  const well = [{ startedAt: START - 3_600_000, restarts: 4, warmUp: 900_000 }, { startedAt: START - 1 }];
  for (const change of well) expect(miss({ facts: sensor(change) })).toHaveLength(1);
});
