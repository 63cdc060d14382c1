// Closing the alerts that were expected: those that proved a verdict and no others, in products that can, and never an error.
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { defenderForCloud } from '../../src/adapters/alert-sources/defender-for-cloud.ts';
import { judgeBy } from '../../src/alerts/judge.ts';
import type { RunEvent } from '../../src/engine/events.ts';
import { watchAlerts } from '../../src/engine/expectations.ts';
import type { RanStep } from '../../src/engine/verdict.ts';
import type { AlertSource, NormalisedAlert } from '../../src/ports/alerts.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { Failure } from '../../src/ports/failure.ts';
import { azureSettingsOf, azureUnderTest } from '../adapters/alert-sources/entra.ts';
import { type ProductServer, productServer } from '../adapters/alert-sources/product-server.ts';
import { testWorld } from '../adapters/alert-sources/world.ts';
import { alertOf, entryOf, fakeSource } from '../fakes/alert-source.ts';
import { fakeClock } from '../fakes/clock.ts';
import { quickClock } from '../fakes/quick-clock.ts';

const attackAt = (startedAt: number): RanStep => ({
  facts: { key: 'steps.1', name: 'Call', attack: ['T1552.005'], kind: 'exec' },
  end: { status: 'succeeded', startedAt, milliseconds: 1 },
});

/** Watches the sources, and resolves what proves that the attack was seen. */
async function resolving(sources: readonly AlertSource[], clock: Clock, meanwhile: () => Promise<void>) {
  const entry = entryOf('call', {
    products: { 'defender-for-cloud': { names: ['Access to cloud metadata service detected'] }, ...entryOf('call').products },
  });
  const events: RunEvent[] = [];
  const identity = { id: 'k3x9', namespace: 'sim-k3x9', podUids: [], containerIds: [], podNames: [], clusters: ['dev1aks'] };
  const record = (event: RunEvent) => void events.push(event);
  const world = { sources, judge: judgeBy(new Map([['call', entry]])), clock, record, identity: () => identity, others: () => [] };
  const watch = await watchAlerts(world, new AbortController().signal);
  const attack = attackAt(clock.now());
  await meanwhile();
  const { verdicts } = await watch.settle([{ expectation: { alert: 'call' }, attack: { attack } }], [attack]);
  await watch.resolve(verdicts, 'expected: run k3x9');
  await watch.close();
  return { verdicts, resolved: events.filter(({ type }) => type === 'alerts-resolved') };
}

const entities = { namespace: 'sim-k3x9', commandLines: [] };

test('those that proved the verdict, with the comment; one that fails is told, and one that cannot is left', async () => {
  const clock = fakeClock();
  const asked: { ids: string[]; comment: string }[] = [];
  const resolve = async (alerts: readonly NormalisedAlert[], comment: string) =>
    void asked.push({ ids: alerts.map(({ id }) => id), comment });
  const able = { ...fakeSource(), resolve };
  const refused = { ...fakeSource({ name: 'refused' }), resolve: () => Promise.reject(new Failure('forbidden', 'may not')) };
  const unable = fakeSource({ name: 'unable' });
  const { verdicts, resolved } = await resolving([able, refused, unable], clock, async () => {
    const at = clock.now() + 5;
    able.tell({ type: 'alert', alert: alertOf({ seen: at, entities }) });
    able.tell({ type: 'alert', alert: alertOf({ seen: at, entities, id: 'of-another-behaviour', name: 'Other' }) });
    able.tell({ type: 'alert', alert: alertOf({ seen: at, id: 'of-another-run', entities: { ...entities, namespace: 'sim-other' } }) });
    for (const source of [refused, unable]) source.tell({ type: 'alert', alert: alertOf({ source: source.name, seen: at, entities }) });
    for (let i = 0; i < 10; i++) await turn();
  });
  expect(verdicts).toMatchObject([{ outcome: 'detected' }]);
  expect(asked).toEqual([{ ids: ['alert-1'], comment: 'expected: run k3x9' }]);
  expect(resolved).toMatchObject([
    { source: 'lab-falco', ids: ['alert-1'] },
    { source: 'refused', ids: ['alert-1'], problem: 'may not' },
  ]);
});

test('in Defender for Cloud, by its API', async () => {
  const clock = quickClock();
  const subscriptionId = '20ff7fc3-e762-44dd-bd96-b71116dcdc23';
  const place = `/subscriptions/${subscriptionId}/resourceGroups/rg/providers/Microsoft.Security/locations/westeurope/alerts`;
  const listed: object[] = [];
  const list = (name: string, namespace: string, at: number) =>
    listed.push({
      id: `${place}/${name}`,
      name,
      properties: {
        systemAlertId: name,
        alertDisplayName: 'Access to cloud metadata service detected',
        severity: 'Medium',
        startTimeUtc: new Date(at).toISOString(),
        endTimeUtc: new Date(at).toISOString(),
        timeGeneratedUtc: new Date(at).toISOString(),
        entities: [{ $id: '1', name: namespace, type: 'K8s-namespace' }],
      },
    });
  let made: ProductServer | undefined;
  const server = await productServer(clock, ({ method }) => (method === 'POST' ? { status: 204, body: '' } : { body: { value: listed } }), {
    secure: true,
    open: (request) => azureUnderTest.open?.(request, () => made),
  });
  made = server;
  const source = defenderForCloud.create(
    { name: 'mdc', subscriptionId, ...azureSettingsOf(server) } as Parameters<typeof defenderForCloud.create>[0],
    testWorld(clock, { env: { SIM_TEST_SECRET: 'client-secret' } }),
  );
  // The source's pauses are over at once; the judge waits for what the source tells.
  const sleep: Clock['sleep'] = (_, signal) => new Promise((__, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  const { verdicts, resolved } = await resolving([source], { ...clock, sleep }, async () => {
    list('ours', 'sim-k3x9', clock.now() + 1);
    list('of-others', 'sim-other', clock.now() + 1);
  });
  expect(verdicts).toMatchObject([{ outcome: 'detected', evidence: [{ source: 'mdc', id: 'ours' }] }]);
  const posts = server.requests.filter(({ method }) => method === 'POST').map(({ url }) => url.pathname);
  expect(posts).toEqual([`${place}/ours/resolve`]);
  expect(resolved).toMatchObject([{ source: 'mdc', ids: ['ours'] }]);
});
