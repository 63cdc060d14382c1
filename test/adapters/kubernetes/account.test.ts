// Requests as a service account: its own token and nothing of the operator's login, tokens kept as long as they are good.
import type { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { connectCluster } from '../../../src/adapters/kubernetes/connect.ts';
import type { ApiCall } from '../../../src/ports/cluster.ts';
import { apiServer, json, kubeconfigFile, refuse } from './api-server.ts';
import { expiredClient, serverIdentity } from './certificates.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
/** The operator has both: a client certificate, and a token. */
const operator = {
  'client-certificate-data': base64(expiredClient.cert),
  'client-key-data': base64(expiredClient.key),
  token: 'the-operator',
};

/** An https API server that gives out token-1, token-2 and so on; all else is the test's. `seen` says who asked for what. */
async function tokenServer(answer: (request: IncomingMessage, response: ServerResponse) => void, expirationSeconds = 600) {
  const seen: string[] = [];
  let tokens = 0;
  const options = { ...serverIdentity, requestCert: true, rejectUnauthorized: false };
  const server = https.createServer(options, async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const certificate = (request.socket as TLSSocket).getPeerCertificate().subject?.CN ?? 'no certificate';
    seen.push(`${request.method} ${request.url} ${request.headers.authorization}, ${certificate}`);
    if (!request.url?.endsWith('/token')) return answer(request, response);
    expect(JSON.parse(body)).toEqual({
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 600 },
    });
    json(response, 201, { spec: { expirationSeconds }, status: { token: `token-${++tokens}` } });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const kubeconfig = kubeconfigFile(url, operator, { 'certificate-authority-data': base64(serverIdentity.cert) });
  const cluster = await connectCluster({ kubeconfig, env: {} });
  const ask = (call: Partial<ApiCall> = {}, name = 'a') =>
    cluster.requestAs(
      { namespace: 'n', name },
      { method: 'GET', path: '/version', userAgent: 'kubectl/v1.34.4', signal: AbortSignal.timeout(30_000), ...call },
    );
  return { seen, ask, cluster };
}

const TOKEN = (name: string) => `POST /api/v1/namespaces/n/serviceaccounts/${name}/token Bearer the-operator, expiredClient`;
const AS = (token: number) => `GET /version Bearer token-${token}, no certificate`;

test('the operator asks for the token; the request itself bears it, and no certificate', async () => {
  const { seen, ask, cluster } = await tokenServer((_, response) => json(response, 200, { gitVersion: 'v1', platform: 'linux/x' }));
  await cluster.version(AbortSignal.timeout(30_000));
  expect(await ask()).toMatchObject({ status: 200, body: '{"gitVersion":"v1","platform":"linux/x"}' });
  expect(seen).toEqual(['GET /version Bearer the-operator, expiredClient', TOKEN('a'), AS(1)]);
});

test('a token serves until shortly before its end, and each account has its own', async () => {
  const { seen, ask } = await tokenServer((_, response) => json(response, 200, {}));
  for (const name of ['a', 'a', 'b', 'a']) await ask({}, name);
  expect(seen).toEqual([TOKEN('a'), AS(1), AS(1), TOKEN('b'), AS(2), AS(1)]);
  const brief = await tokenServer((_, response) => json(response, 200, {}), 60);
  for (const name of ['a', 'a']) await brief.ask({}, name);
  expect(brief.seen).toEqual([TOKEN('a'), AS(1), TOKEN('a'), AS(2)]);
});

test('a token that is no longer accepted is replaced once; a new one that is not accepted is an answer', async () => {
  let good = 1;
  const { seen, ask } = await tokenServer(({ headers }, response) =>
    headers.authorization === `Bearer token-${good}` ? json(response, 200, {}) : refuse(response, 401, 'Unauthorized'),
  );
  expect((await ask()).status).toBe(200);
  good = 2;
  expect((await ask()).status).toBe(200);
  good = 9;
  expect((await ask()).status).toBe(401);
  expect(seen).toEqual([TOKEN('a'), AS(1), AS(1), TOKEN('a'), AS(2), AS(2), TOKEN('a'), AS(3)]);
});

test('the request goes as it is given', async () => {
  const asked: unknown[] = [];
  const { ask } = await tokenServer((request, response) => {
    asked.push([request.method, request.url, request.headers['user-agent'], request.headers.accept, request.headers['content-type']]);
    response.writeHead(302, { Location: 'https://192.0.2.1/', 'X-A': ['b', 'c'] }).end('moved');
  });
  expect(
    await ask({ method: 'PATCH', path: '/api/v1/x', query: { dryRun: 'All' }, accept: 'a/b', contentType: 'c/d', body: { e: 1 } }),
  ).toEqual({ status: 302, headers: expect.objectContaining({ 'x-a': 'b, c' }), body: 'moved', truncated: false });
  expect(asked).toEqual([['PATCH', '/api/v1/x?dryRun=All', 'kubectl/v1.34.4', 'a/b', 'c/d']]);
});

test('a refusal by an admission control names it; one by RBAC names none', async () => {
  const messages = [
    'pods "p" is forbidden: violates PodSecurity "restricted:latest": hostNetwork',
    'pods is forbidden: User "u" cannot create',
  ];
  const { ask } = await tokenServer((_, response) => refuse(response, 403, messages.shift() ?? ''));
  expect(await ask()).toMatchObject({ status: 403, policy: 'PodSecurity restricted:latest' });
  expect(await ask()).not.toHaveProperty('policy');
});

test('through plain HTTP, which a proxy speaks that logs in by itself, nothing is asked', async () => {
  const api = await apiServer((_, response) => json(response, 200, {}));
  const cluster = await connectCluster({ kubeconfig: api.kubeconfig, env: {} });
  const call = { method: 'GET', path: '/version', userAgent: 'x', signal: AbortSignal.timeout(30_000) } as const;
  await expect(cluster.requestAs({ namespace: 'n', name: 'a' }, call)).rejects.toMatchObject({ code: 'configuration' });
  expect(api.requests).toEqual([]);
});
