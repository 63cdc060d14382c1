// Requests: connections are reused, throttling is waited out, logins are renewed, refusals and silence are Failures.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { connectCluster } from '../../../src/adapters/kubernetes/connect.ts';
import { apiServer, json, kubeconfigFile, refuse } from './api-server.ts';
import { expiredClient, otherAuthority, serverIdentity } from './certificates.ts';

const signal = new AbortController().signal;
const version = { gitVersion: 'v1.34.4', platform: 'linux/amd64' };
const connect = (kubeconfig: string) => connectCluster({ kubeconfig, env: {} });

/** A login program that prints a token with its call's number in it. */
function loginProgram(body = 'printf \'{"status":{"token":"token-%s"}}\' "$count"'): { command: string; calls(): number } {
  const folder = mkdtempSync(join(tmpdir(), 'kubesim-login-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const command = join(folder, 'login');
  writeFileSync(join(folder, 'count'), '');
  writeFileSync(command, `#!/bin/sh\nprintf x >> ${folder}/count\ncount=$(wc -c < ${folder}/count | tr -d ' ')\n${body}\n`);
  chmodSync(command, 0o755);
  return { command, calls: () => readFileSync(join(folder, 'count')).length };
}

test('one connection serves many requests, and the token goes with each', async () => {
  const api = await apiServer(({ headers }, response) => json(response, headers.authorization === 'Bearer secret' ? 200 : 401, version), {
    token: 'secret',
  });
  const cluster = await connect(api.kubeconfig);
  for (let i = 0; i < 5; i++) expect(await cluster.version(signal)).toEqual(version);
  expect(api.connections()).toBe(1);
});

test('an answer that asks for patience is asked again', async () => {
  let answers = 0;
  const api = await apiServer((_, response) =>
    ++answers < 3 ? refuse(response, 429, 'later', { 'Retry-After': '0' }) : json(response, 200, version),
  );
  expect(await (await connect(api.kubeconfig)).version(signal)).toEqual(version);
  expect(answers).toBe(3);
});

test('endless throttling, or a long wait, is a Failure', async () => {
  for (const [seconds, tries] of [
    ['0', 5],
    ['600', 1],
  ] as const) {
    const api = await apiServer((_, response) => refuse(response, 429, 'later', { 'Retry-After': seconds }));
    await expect((await connect(api.kubeconfig)).version(signal)).rejects.toMatchObject({
      code: 'throttled',
      details: { retryAfter: Number(seconds) },
    });
    expect(api.requests).toHaveLength(tries);
  }
});

test('a connection that the server closed while idle is replaced unseen', async () => {
  const api = await apiServer((_, response) => json(response, 200, version));
  const cluster = await connect(api.kubeconfig);
  await cluster.version(signal);
  api.server.closeAllConnections();
  expect(await cluster.version(signal)).toEqual(version);
});

test('nobody listening is unreachable, and the server is named', async () => {
  const api = await apiServer(() => {});
  await new Promise((resolve) => api.server.close(resolve));
  await expect((await connect(api.kubeconfig)).version(signal)).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.stringContaining(api.url),
  });
});

test.for<[string, number, Record<string, string>, string]>([
  ['a web page', 200, { 'Content-Type': 'text/html; charset=utf-8' }, 'HTTP 200 with a web page'],
  ['something without a type', 200, {}, 'HTTP 200 with something that is no JSON'],
  ['the way to a login', 302, { Location: 'https://login.example.com/auth?state=secret' }, 'HTTP 302 to https://login.example.com/auth'],
  ["a gateway's own page", 404, { 'Content-Type': 'text/html' }, 'HTTP 404 with a web page'],
])('%s is no API server', async ([, status, headers, answered]) => {
  const api = await apiServer((_, response) => void response.writeHead(status, headers).end('<html>Log in</html>'));
  const cluster = await connect(api.kubeconfig);
  const failure = {
    code: 'configuration',
    message: expect.stringMatching(`: ${api.url} is no Kubernetes API server: it answered ${answered}$`),
  };
  await expect(cluster.version(signal)).rejects.toMatchObject(failure);
  await expect(cluster.get({ apiVersion: 'v1', kind: 'Pod', name: 'p', namespace: 'n' }, signal)).rejects.toMatchObject(failure);
  if (status !== 200) await expect(cluster.exec({ name: 'p', namespace: 'n' }, ['true'], { signal })).rejects.toMatchObject(failure);
});

test('a page of a gateway that is out of order is a server error', async () => {
  const api = await apiServer(
    (_, response) => void response.writeHead(502, { 'Content-Type': 'text/html' }).end('<html>Bad gateway</html>'),
  );
  await expect((await connect(api.kubeconfig)).version(signal)).rejects.toMatchObject({ code: 'server-error' });
});

test('aborting a request that hangs rejects with the reason', async () => {
  const stop = new AbortController();
  const reason = new Error('enough');
  const api = await apiServer(() => stop.abort(reason));
  await expect((await connect(api.kubeconfig)).version(stop.signal)).rejects.toBe(reason);
});

test('a token that has expired is said, with its time', async () => {
  const token = ['{}', JSON.stringify({ exp: 1_700_000_000 }), 'x'].map((part) => Buffer.from(part).toString('base64url')).join('.');
  const api = await apiServer((_, response) => refuse(response, 401, 'Unauthorized'), { token });
  await expect((await connect(api.kubeconfig)).version(signal)).rejects.toMatchObject({
    code: 'unauthorized',
    message: expect.stringContaining('the token of context "test" expired at 2023-11-14T22:13:20.000Z'),
  });
});

test('a login program runs once for many requests, and again after a 401', async () => {
  const program = loginProgram();
  const api = await apiServer(
    ({ headers }, response) =>
      headers.authorization === 'Bearer token-1' && api.requests.length > 3
        ? refuse(response, 401, 'Unauthorized')
        : json(response, 200, version),
    { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: program.command } },
  );
  const cluster = await connect(api.kubeconfig);
  await Promise.all([1, 2, 3].map(() => cluster.version(signal)));
  expect(program.calls()).toBe(1);
  await cluster.version(signal);
  expect(program.calls()).toBe(2);
});

test('a login that the server never accepts is unauthorized after one more try', async () => {
  const program = loginProgram();
  const api = await apiServer((_, response) => refuse(response, 401, 'Unauthorized'), {
    exec: { apiVersion: 'v1', command: program.command },
  });
  await expect((await connect(api.kubeconfig)).version(signal)).rejects.toMatchObject({ code: 'unauthorized' });
  expect(program.calls()).toBe(2);
});

test('a login program that is missing or fails is named', async () => {
  const exec = (command: string) => kubeconfigFile('https://127.0.0.1:1', { exec: { apiVersion: 'v1', command } });
  await expect((await connect(exec('no-such-login-program'))).version(signal)).rejects.toMatchObject({
    code: 'configuration',
    message: expect.stringContaining('no-such-login-program'),
  });
  const failing = loginProgram('echo "please log in" >&2; exit 3');
  await expect((await connect(exec(failing.command))).version(signal)).rejects.toMatchObject({
    code: 'unauthorized',
    message: expect.stringContaining('please log in'),
  });
});

test('a certificate of another authority, and an expired client certificate, are said', async () => {
  const server = https.createServer(serverIdentity, (_, response) => refuse(response, 401, 'Unauthorized')).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const user = { 'client-certificate-data': base64(expiredClient.cert), 'client-key-data': base64(expiredClient.key) };
  const ask = async (ca: string) =>
    (await connect(kubeconfigFile(url, user, { 'certificate-authority-data': base64(ca) }))).version(signal);
  await expect(ask(otherAuthority.cert)).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.stringContaining('not signed by the authority'),
  });
  await expect(ask(serverIdentity.cert)).rejects.toMatchObject({
    code: 'unauthorized',
    message: expect.stringContaining('the client certificate of context "test" expired at 2020-02-01T00:00:00.000Z'),
  });
});
