import http from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { webhook } from '../../../src/adapters/alert-sources/webhook.ts';
import { watch } from '../../contract/alert-source.ts';
import { quickClock } from '../../fakes/quick-clock.ts';
import { testWorld } from './world.ts';

type Settings = Parameters<typeof webhook.create>[0];

async function stage(settings: object = {}) {
  const clock = quickClock();
  const world = testWorld(clock, { env: { HOOK_TOKEN: 'the-token-of-the-run' } });
  const source = webhook.create({ name: 'soc', ...settings } as Settings, world);
  const watcher = await watch(source, clock.now());
  const url = world.notes[0]?.split(' ').at(-1)?.replace('<token>', 'the-token-of-the-run') ?? '';
  return { clock, source, world, watcher, url };
}

/** With headers that fetch would not send. */
const send = (url: string, options: http.RequestOptions, body = '[]'): Promise<number> =>
  new Promise((resolve, reject) => {
    const sent = http.request(url, { method: 'POST', ...options }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end(body);
  });

describe('who may post', () => {
  test('whoever has the token, in the path or as a bearer token; each run has its own', async () => {
    const [{ url }, other] = [await stage(), await stage()];
    const base = new URL('/', url).href;
    const token = new URL(url).pathname.slice(1);
    expect(await send(url, {})).toBe(204);
    expect(await send(base, { headers: { Authorization: `Bearer ${token}` } })).toBe(204);
    expect(await send(base, {})).toBe(401);
    expect(await send(`${base}${token}x`, {})).toBe(401);
    expect(await send(base, { headers: { Authorization: `Bearer ${new URL(other.url).pathname.slice(1)}` } })).toBe(401);
  });

  test('a token of the operator is not printed', async () => {
    const { url, world } = await stage({ token: { fromEnv: 'HOOK_TOKEN' } });
    expect(world.notes.join()).not.toContain('the-token-of-the-run');
    expect(await send(url, {})).toBe(204);
  });

  test('not a page in a browser that reaches the port by a name of its own', async () => {
    const { url } = await stage();
    for (const host of ['evil.example.com', '10.0.0.1', '127.0.0.1.evil.example.com'])
      expect(await send(url, { headers: { Host: host } })).toBe(421);
    const tunnel = await stage({ hosts: ['tunnel.example.com'] });
    expect(await send(tunnel.url, { headers: { Host: 'Tunnel.example.com:443' } })).toBe(204);
  });

  test('only by POST, only JSON, only so much', async () => {
    const { url, watcher } = await stage();
    expect(await send(url, { method: 'GET' }, '')).toBe(405);
    expect(await send(url, {}, 'nonsense')).toBe(400);
    expect(await send(url, {}, '['.repeat(100_000))).toBe(400);
    expect(await send(url, {}, `"${'x'.repeat(2 * 1024 * 1024)}"`)).toBe(413);
    expect(await send(url, {}, '{"name": "After all that"}')).toBe(204);
    await watcher.alert('After all that');
  });
});

test('until something came, silence is a gap; an empty list ends it', async () => {
  const { url, watcher } = await stage();
  const gap = await watcher.until('gap', ({ type }) => type === 'gap');
  expect(gap).toMatchObject({ reason: expect.stringContaining('nothing has come yet') });
  expect(watcher.events.filter(({ type }) => type === 'heartbeat')).toEqual([]);
  expect(await send(url, {})).toBe(204);
  await watcher.heartbeat();
});

test('fields by CEL; what lacks a name is left out, what lacks another field is not', async () => {
  const fields = {
    id: 'item.uid',
    name: 'item.rule.name',
    severity: 'item.level',
    first: 'item.ts',
    namespace: 'item.k8s.ns',
    count: 'item.n',
    commandLines: '[item.cmd, item.parent]',
  };
  const { url, watcher } = await stage({ items: 'body.events', fields, product: 'falco' });
  const events = [
    { uid: 7, rule: { name: 'Full' }, level: 'HIGH', ts: 1_700_000_000, k8s: { ns: 'sim-1' }, n: 3, cmd: 'nmap', parent: 'sh' },
    { uid: 8, level: 'high' },
    { uid: 9, rule: { name: 'Sparse' } },
  ];
  expect(await send(url, {}, JSON.stringify({ events }))).toBe(204);
  expect(await watcher.alert('Full')).toMatchObject({
    product: 'falco',
    id: '7',
    severity: 'high',
    count: 3,
    times: { first: 1_700_000_000_000 },
    entities: { namespace: 'sim-1', commandLines: ['nmap', 'sh'] },
  });
  expect((await watcher.alert('Sparse')).entities).toEqual({ commandLines: [] });
  expect(await send(url, {}, '{"other": 1}')).toBe(400);
});

test('a repeated alert is told once, a changed one again', async () => {
  const { url, watcher } = await stage();
  const post = (name: string, count: number) => send(url, {}, JSON.stringify([{ id: 'a', name, count }]));
  await post('Repeated', 1);
  await post('Repeated', 1);
  await post('Repeated', 2);
  await post('End', 9);
  await watcher.alert('End');
  const counts = watcher.events.flatMap((event) => (event.type === 'alert' ? [event.alert.count] : []));
  expect(counts).toEqual([1, 2, 9]);
});

test('while it listens, a check says whether something has come, and takes no port from it', async () => {
  const { source, url } = await stage();
  const { signal } = new AbortController();
  expect(await source.check(signal)).toMatchObject([{ result: 'warning', message: expect.stringContaining('nothing has come yet') }]);
  expect(await send(url, {})).toBe(204);
  expect(await source.check(signal)).toMatchObject([{ result: 'ok', message: 'listens, and alerts have come' }]);
});

test('a port that is taken is said, and check lets go of it', async () => {
  const taken = http.createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void taken.close());
  const address = taken.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const source = webhook.create({ name: 'soc', port } as Settings, testWorld(quickClock()));
  const { signal } = new AbortController();
  expect(await source.check(signal)).toMatchObject([
    { result: 'failed', message: expect.stringContaining('something else listens there') },
  ]);
  await new Promise((resolve) => taken.close(resolve));
  expect(await source.check(signal)).toMatchObject([{ result: 'ok' }]);
  expect(await source.check(signal)).toMatchObject([{ result: 'ok' }]);
});
