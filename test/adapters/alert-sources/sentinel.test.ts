import { expect, test } from 'vitest';
import { sentinel } from '../../../src/adapters/alert-sources/sentinel.ts';
import { polledContract, watch } from '../../contract/alert-source.ts';
import { quickClock } from '../../fakes/quick-clock.ts';
import { azureSettingsOf, azureUnderTest } from './entra.ts';
import { type ProductServer, productServer } from './product-server.ts';
import { testWorld } from './world.ts';

type Settings = Parameters<typeof sentinel.create>[0];

const WORKSPACE = '81a662b5-8541-481b-977d-5d956616ac5e';
const iso = (at: number) => new Date(at).toISOString();
const settings = (server: ProductServer) =>
  ({ name: 'sentinel', workspaceId: WORKSPACE, ...azureSettingsOf(server) }) as Settings & Record<string, unknown>;

const row = (id: string, name: string, at: number) => ({
  SystemAlertId: id,
  TimeGenerated: iso(at),
  StartTime: iso(at - 2000),
  EndTime: iso(at - 1000),
  ProcessingEndTime: iso(at),
  DisplayName: name,
  AlertName: name,
  AlertType: 'K8S.NODE_ImdsCall',
  AlertSeverity: 'Medium',
  CompromisedEntity: 'dev1aks',
  Entities: JSON.stringify([
    { $id: '1', Name: 'sim-1', Type: 'K8s-namespace' },
    { $id: '2', Name: 'victim-0', Namespace: { $ref: '1' }, Type: 'K8s-pod' },
  ]),
  ExtendedProperties: JSON.stringify({ 'Command line': 'curl sim-1', resourceType: 'AWS EKS Cluster' }),
  Techniques: '["T1552"]',
  Status: 'New',
  ProductName: 'Azure Security Center',
  ResourceId: '/subscriptions/s/resourcegroups/r/providers/microsoft.containerservice/managedclusters/dev1aks',
});

/** The answer of the query API: a table with columns and rows. */
const tableOf = (rows: readonly unknown[]) => {
  const columns = Object.keys(row('', '', 0));
  const cells = rows.map((each) => columns.map((column) => (each as Record<string, unknown> | null)?.[column] ?? null));
  return { tables: [{ name: 'PrimaryResult', columns: columns.map((name) => ({ name, type: 'string' })), rows: cells }] };
};

polledContract('sentinel', {
  ...azureUnderTest,
  type: sentinel,
  settings,
  alert: ({ id, name, at }) => row(id, name, at),
  pageSize: 500,
  answer({ method, url, body }, alerts) {
    if (method !== 'POST' || url.pathname !== `/v1/workspaces/${WORKSPACE}/query`) return { status: 404 };
    const { query } = JSON.parse(body) as { query: string };
    if (!query.startsWith('SecurityAlert\n')) return { status: 400 };
    const after = /strcmp\(SystemAlertId, ("(?:[^"\\]|\\.)*")\)/.exec(query)?.[1];
    const idOf = (alert: unknown) => String((alert as { SystemAlertId?: unknown } | null)?.SystemAlertId ?? '');
    const sorted = [...alerts].sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
    const rest = after === undefined ? sorted : sorted.filter((alert) => idOf(alert) > (JSON.parse(after) as string));
    return { body: tableOf(rest.slice(0, 500)) };
  },
});

async function stage(body: unknown) {
  const clock = quickClock();
  let made: ProductServer | undefined;
  const server = await productServer(clock, () => ({ body }), {
    secure: true,
    open: (request) => azureUnderTest.open?.(request, () => made),
  });
  made = server;
  const source = sentinel.create(settings(server), testWorld(clock, { env: { SIM_TEST_SECRET: 'client-secret' } }));
  return { clock, server, source };
}

test('a row, field by field, with the JSON in its columns', async () => {
  const { clock, source } = await stage(tableOf([row('id-1', 'Access to cloud metadata service detected', 1_700_000_000_000)]));
  const watcher = await watch(source, clock.now());
  expect(await watcher.alert('Access to cloud metadata service detected')).toMatchObject({
    product: 'defender-for-cloud',
    id: 'id-1',
    type: 'K8S.NODE_ImdsCall',
    severity: 'medium',
    techniques: ['T1552'],
    times: { first: 1_699_999_998_000, updated: 1_700_000_000_000 },
    entities: {
      cluster: expect.stringMatching(/managedclusters\/dev1aks$/),
      namespace: 'sim-1',
      pod: 'victim-0',
      commandLines: ['curl sim-1'],
    },
  });
  await watcher.stop();
});

test('an answer that is only a part is no answer', async () => {
  const { source } = await stage({ ...tableOf([]), error: { code: 'PartialError', message: 'The result was too large.' } });
  expect(await source.check(new AbortController().signal)).toMatchObject([
    { result: 'failed', message: expect.stringContaining('only a part') },
  ]);
});

test('an id of a row cannot become a part of the query', async () => {
  const rows = Array.from({ length: 500 }, (_, index) => row(`a${String(index).padStart(3, '0')}`, 'A', Date.now()));
  const evil = '") > 0 | union OtherTable //';
  const { server, source, clock } = await stage(tableOf([...rows.slice(1), row(evil, 'A', Date.now())]));
  const { signal } = new AbortController();
  const opening = source.open({ id: 'a', namespace: 'b', since: clock.now() }, signal);
  // The server gives the same page for ever, which is told at last.
  await expect(opening).rejects.toMatchObject({ code: 'server-error' });
  const second = JSON.parse(server.requests[1]?.body ?? '{}') as { query: string };
  expect(second.query.split('\n')[3]).toBe(`| where strcmp(SystemAlertId, ${JSON.stringify(evil)}) > 0`);
});
