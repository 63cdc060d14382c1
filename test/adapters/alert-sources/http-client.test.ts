import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { answerFailure, boundHttp, type Login, settingsLogin } from '../../../src/adapters/alert-sources/http-client.ts';
import { quickClock } from '../../fakes/quick-clock.ts';
import { serverIdentity } from '../kubernetes/certificates.ts';
import { productServer } from './product-server.ts';
import { testWorld } from './world.ts';

const { signal } = new AbortController();
const nobody: Login = { headers: async () => ({}), forget: () => false };
const ask = (path = '/', more: object = {}) => ({ action: 'ask', path, signal, ...more });

test('plain http is for this machine', () => {
  for (const url of ['http://siem.example.com', 'http://localhost.example.com', 'http://127.0.0.1.example.com', 'https://u:p@a'])
    expect(() => boundHttp({ url }, nobody, testWorld(quickClock()))).toThrow(expect.objectContaining({ code: 'configuration' }));
  boundHttp({ url: 'http://[::1]:80' }, nobody, testWorld(quickClock()));
});

test('an address of another host is refused before anything is sent, one below the base path is not', async () => {
  const clock = quickClock();
  const server = await productServer(clock, ({ url }) => ({ body: { path: url.pathname } }));
  const client = boundHttp({ url: `${server.url}/prefix/` }, nobody, testWorld(clock));
  expect((await client.json(ask('/api'))).body).toEqual({ path: '/prefix/api' });
  expect((await client.json(ask(`${server.url}/whole`))).body).toEqual({ path: '/whole' });
  expect((await client.json(ask('//evil.example.com/'))).body).toEqual({ path: '/prefix//evil.example.com/' });
  for (const path of ['https://evil.example.com/', `${server.url.replace('127.0.0.1', 'localhost')}/`, `${server.url}0/`])
    await expect(client.json(ask(path))).rejects.toMatchObject({ code: 'configuration' });
  expect(server.requests).toHaveLength(3);
});

test('a redirect on the same host is followed a few times, one of a POST is not', async () => {
  const clock = quickClock();
  const server = await productServer(clock, ({ url }) =>
    url.pathname === '/end' ? { body: 'null' } : { status: 307, headers: { Location: url.pathname === '/a' ? '/end' : '/again' } },
  );
  const client = boundHttp({ url: server.url }, nobody, testWorld(clock));
  expect((await client.json(ask('/a'))).body).toBeNull();
  await expect(client.json(ask('/b'))).rejects.toMatchObject({ code: 'configuration', message: expect.stringContaining('redirects') });
  await expect(client.json(ask('/a', { method: 'POST', body: {} }))).rejects.toMatchObject({ code: 'configuration' });
});

test('an answer without end is cut off', async () => {
  const clock = quickClock();
  const server = await productServer(clock, () => ({ body: `"${'x'.repeat(17 * 1024 * 1024)}"` }));
  await expect(boundHttp({ url: server.url }, nobody, testWorld(clock)).json(ask())).rejects.toMatchObject({
    code: 'server-error',
    message: expect.stringContaining('larger than 16 MiB'),
  });
});

test('nobody there, and a certificate that nobody vouches for', async () => {
  const clock = quickClock();
  const server = await productServer(clock, () => ({ body: [] }), { secure: true });
  const world = testWorld(clock);
  await expect(boundHttp({ url: 'http://127.0.0.1:1' }, nobody, world).json(ask())).rejects.toMatchObject({ code: 'unreachable' });
  await expect(boundHttp({ url: server.url }, nobody, world).json(ask())).rejects.toMatchObject({
    code: 'configuration',
    details: { hint: expect.stringContaining('tls.ca') },
  });
  expect((await boundHttp({ url: server.url, tls: { ca: server.ca } }, nobody, world).json(ask())).body).toEqual([]);
});

test('a client certificate, whose key others may not read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sim-mtls-'));
  const files = { ca: join(folder, 'ca.pem'), cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  writeFileSync(files.ca, serverIdentity.cert);
  writeFileSync(files.cert, serverIdentity.cert);
  writeFileSync(files.key, serverIdentity.key, { mode: 0o600 });
  const server = https.createServer({ ...serverIdentity, requestCert: true, rejectUnauthorized: false }, (request, response) => {
    const { subject } = (request.socket as TLSSocket).getPeerCertificate();
    response.end(JSON.stringify(subject?.CN ?? null));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const world = testWorld(quickClock());
  expect((await boundHttp({ url, tls: files }, nobody, world).json(ask())).body).toBe('serverIdentity');
  writeFileSync(join(folder, 'open.pem'), serverIdentity.key, { mode: 0o644 });
  const open = boundHttp({ url, tls: { ...files, key: join(folder, 'open.pem') } }, nobody, world);
  await expect(open.json(ask())).rejects.toMatchObject({ code: 'configuration', details: { hint: expect.stringContaining('chmod 600') } });
});

test('another host is reached through the proxy of the environment, this machine never', async () => {
  const asked: string[] = [];
  const proxy = http.createServer();
  proxy.on('connect', ({ url }, socket) => {
    asked.push(url ?? '');
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void proxy.close());
  const clock = quickClock();
  const world = testWorld(clock, { env: { https_proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` } });
  await expect(boundHttp({ url: 'https://siem.invalid' }, nobody, world).json(ask())).rejects.toMatchObject({ code: 'unreachable' });
  expect(asked).toEqual(['siem.invalid:443']);
  const server = await productServer(clock, () => ({ body: [] }), { secure: true });
  await boundHttp({ url: server.url, tls: { ca: server.ca } }, nobody, world).json(ask());
  expect(asked).toHaveLength(1);
});

test('a user and a password, and headers with secrets', async () => {
  const world = testWorld(quickClock(), { env: { PASSWORD: 'p:w', KEY: 'k' } });
  const auth = { basic: { username: 'u', password: { fromEnv: 'PASSWORD' } }, headers: { 'X-Key': { fromEnv: 'KEY' } } };
  expect(await settingsLogin(auth, world).headers(signal)).toEqual({ Authorization: 'Basic dTpwOnc=', 'X-Key': 'k' });
  expect(settingsLogin(auth, world).forget()).toBe(false);
});

test.each([
  [429, { 'retry-after': '7' }, { code: 'throttled', details: { retryAfter: 7 } }],
  [503, { 'retry-after': 'Thu, 01 Jan 1970 00:01:00 GMT' }, { code: 'server-error', details: { retryAfter: 50 } }],
  [503, { 'retry-after': 'soon' }, { code: 'server-error' }],
  [400, {}, { code: 'configuration' }],
  [408, {}, { code: 'timeout' }],
] as const)('status %i with %j', (status, headers, failure) => {
  expect(answerFailure('ask', 'host', { status, headers, text: '  a\n  page ' }, 10_000)).toMatchObject({
    ...failure,
    message: `ask: host answered ${status}: a page`,
  });
});
