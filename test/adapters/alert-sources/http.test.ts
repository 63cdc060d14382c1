import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { http } from '../../../src/adapters/alert-sources/http.ts';
import { datadog, elastic } from '../../../src/adapters/alert-sources/http-recipes.ts';
import { readJson } from '../../../src/adapters/alert-sources/read-json.ts';
import { polledContract, watch } from '../../contract/alert-source.ts';
import { quickClock } from '../../fakes/quick-clock.ts';
import { type ProductServer, productServer, type ServerRequest } from './product-server.ts';
import { testWorld } from './world.ts';

type Settings = Parameters<typeof http.create>[0] & Record<string, unknown>;

const iso = (at: number) => new Date(at).toISOString();
const json = (text: string) => readJson(text, 'the request') as unknown;

/** An entry of the documentation, with the addresses and credentials of the test. */
const entryOf = (example: string, { url, tokenFile }: ProductServer, headers: string[]): Settings => ({
  ...(parse(example) as Settings),
  url,
  auth: { headers: Object.fromEntries(headers.map((name) => [name, { fromFile: tokenFile }])) },
});

polledContract('http', {
  type: http,
  settings: (server) => ({ ...(parse(http.example) as Settings), url: server.url, auth: { bearerToken: { fromFile: server.tokenFile } } }),
  alert: ({ id, name, at, count }) => ({ id, rule: { name }, severity: 'high', createdAt: iso(at), count }),
  pageSize: 3,
  answer({ url }, alerts) {
    if (url.pathname !== '/api/alerts' || Number.isNaN(Date.parse(url.searchParams.get('since') ?? ''))) return { status: 404 };
    const from = Number(url.searchParams.get('cursor') ?? 0);
    const rest = alerts.length > from + 3 ? { nextCursor: from + 3 } : {};
    return { body: { alerts: alerts.slice(from, from + 3), ...rest } };
  },
});

polledContract('http, set up for Elastic', {
  type: http,
  settings: (server) => entryOf(elastic.example, server, ['Authorization']),
  authorised: ({ headers }, { token }) => headers.authorization === token && headers['kbn-xsrf'] === 'true',
  alert: ({ id, name, at }) => ({
    _index: '.internal.alerts-security.alerts-default-000001',
    _id: id,
    _source: {
      'kibana.alert.rule.name': name,
      'kibana.alert.rule.rule_id': 'f3475224-b179-4f78-8877-c2bd64c26b88',
      'kibana.alert.severity': 'high',
      'kibana.alert.workflow_status': 'open',
      'kibana.alert.original_time': iso(at),
      '@timestamp': iso(at),
      host: { name: 'node-1' },
      orchestrator: { namespace: 'sim-1', resource: { name: 'victim' } },
      process: { command_line: 'nmap -Pn' },
    },
  }),
  pageSize: 100,
  answer({ method, url, body }, alerts) {
    if (method !== 'POST' || url.pathname !== '/api/detection_engine/signals/search') return { status: 404 };
    const { search_after: after, size } = json(body) as { search_after?: [number]; size: number };
    const from = after === undefined ? 0 : after[0] + 1;
    const hits = alerts.slice(from, from + size).map((hit, index) => (typeof hit === 'object' ? { ...hit, sort: [from + index] } : hit));
    return { body: { hits: { hits } } };
  },
});

polledContract('http, set up for Datadog', {
  type: http,
  settings: (server) => entryOf(datadog.example, server, ['DD-API-KEY', 'DD-APPLICATION-KEY']),
  authorised: ({ headers }, { token }) => headers['dd-api-key'] === token && headers['dd-application-key'] === token,
  alert: ({ id, name, at }) => ({
    id,
    type: 'signal',
    attributes: {
      message: 'Detects a shell',
      tags: ['kube_namespace:sim-1', 'pod_name:victim'],
      timestamp: iso(at),
      attributes: { workflow: { rule: { id: 'abc-123', name } }, status: 'medium' },
    },
  }),
  pageSize: 100,
  answer({ method, url, body }, alerts) {
    if (method !== 'POST' || url.pathname !== '/api/v2/security_monitoring/signals/search') return { status: 404 };
    const { page } = json(body) as { page: { limit: number; cursor?: string } };
    const from = Number(page.cursor ?? 0);
    const meta = alerts.length > from + page.limit ? { page: { after: String(from + page.limit) } } : {};
    return { body: { data: alerts.slice(from, from + page.limit), meta } };
  },
});

async function resolving(example: string, headers: string[]): Promise<ServerRequest[]> {
  const clock = quickClock();
  const server = await productServer(clock, () => ({ body: {} }));
  const source = http.create(entryOf(example, server, headers), testWorld(clock));
  const alerts = ['a1', 'a/2'].map((id) => ({ id }) as never);
  await source.resolve?.(alerts, 'a test of kubesim', new AbortController().signal);
  return server.requests;
}

test('Elastic resolves all alerts at once', async () => {
  const [request, ...more] = await resolving(elastic.example, ['Authorization']);
  expect(more).toEqual([]);
  expect(request).toMatchObject({ method: 'POST', headers: { 'kbn-xsrf': 'true' } });
  expect(json(request?.body ?? '')).toEqual({ signal_ids: ['a1', 'a/2'], status: 'closed' });
});

test('Datadog resolves one after the other, with the comment; an id is no path', async () => {
  const requests = await resolving(datadog.example, ['DD-API-KEY']);
  expect(requests.map(({ method, url }) => `${method} ${url.pathname}`)).toEqual([
    'PATCH /api/v2/security_monitoring/signals/a1/state',
    'PATCH /api/v2/security_monitoring/signals/a%2F2/state',
  ]);
  expect(json(requests[0]?.body ?? '')).toMatchObject({ data: { attributes: { archive_comment: 'a test of kubesim' } } });
});

test('a source that says nothing of resolving cannot', async () => {
  const source = http.create(parse(http.example) as Settings, testWorld(quickClock()));
  expect(source.resolve).toBeUndefined();
});

test('an address for the next page is followed on the same host only', async () => {
  const clock = quickClock();
  const other = await productServer(clock, () => ({ body: { alerts: [] } }));
  const next = { address: '' };
  const server = await productServer(clock, ({ url }) => ({
    body: { alerts: [{ id: url.search, rule: { name: url.search } }], nextCursor: url.searchParams.has('second') ? '' : next.address },
  }));
  next.address = `${server.url}/api/alerts?second=1`;
  const settings = { ...(parse(http.example) as Settings), url: server.url, auth: { bearerToken: { fromFile: server.tokenFile } } };
  const source = http.create(settings, testWorld(clock));
  const watcher = await watch(source, clock.now());
  await watcher.alert('?second=1');
  await watcher.stop();
  next.address = `${other.url}/api/alerts`;
  const { signal } = new AbortController();
  await expect(source.open({ id: 'a', namespace: 'b', since: clock.now() }, signal)).rejects.toMatchObject({ code: 'configuration' });
  expect(other.requests).toEqual([]);
});

test('a header with a secret in the file is refused', () => {
  const settings = { ...(parse(http.example) as Settings), headers: { 'X-Api-Key': 'abc', 'X-Tenant': 'a' } };
  expect(http.problems?.(settings)).toMatchObject([{ path: ['headers', 'X-Api-Key'] }]);
});
