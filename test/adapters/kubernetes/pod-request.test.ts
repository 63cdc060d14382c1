// Requests to a port of a pod: on the WebSocket to the API server, and on nothing else.
import http, { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { WebSocket } from 'ws';
import { connectCluster } from '../../../src/adapters/kubernetes/connect.ts';
import type { PodRequest } from '../../../src/ports/cluster.ts';
import { apiServer, refuse, webSockets } from './api-server.ts';

const pod = { namespace: 'n', name: 'p' };
const frame = (channel: number, data: string | Buffer) => Buffer.concat([Buffer.of(channel), Buffer.from(data)]);
const send = (socket: WebSocket, channel: number, data: string | Buffer) => socket.send(frame(channel, data), () => {});

/** Asks a pod behind an API server that does `serve` with each forwarded connection. */
async function ask(serve: (socket: WebSocket) => void, request: Partial<PodRequest> = {}) {
  const api = await apiServer((_, response) => refuse(response, 400, 'Upgrade request required'));
  let asked = '';
  webSockets(api, 'v4.channel.k8s.io', (socket, { url }) => {
    asked = url ?? '';
    for (const channel of [0, 1]) send(socket, channel, Buffer.of(8080 & 255, 8080 >> 8));
    serve(socket);
  });
  const cluster = await connectCluster({ kubeconfig: api.kubeconfig, env: {} });
  const signal = new AbortController().signal;
  return { answer: await cluster.request(pod, 8080, { method: 'GET', path: '/', signal, ...request }), asked, api };
}

/** A pod with this web server in it; `seen` holds what came. */
async function webServer(respond: (response: ServerResponse) => void) {
  const seen: string[] = [];
  const server = createServer(async (incoming: IncomingMessage, response) => {
    let text = '';
    for await (const chunk of incoming) text += String(chunk);
    seen.push(`${incoming.method} ${incoming.url} ${incoming.headers['x-a'] ?? ''} ${text}`.trim());
    respond(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const serve = (socket: WebSocket) => {
    const inside = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.on('message', (message) => inside.write(message.subarray(1)));
    inside.on('data', (data) => send(socket, 0, data));
    inside.on('close', () => socket.close());
    inside.on('error', () => socket.close());
    socket.on('close', () => inside.destroy());
  };
  return { seen, serve };
}

test('sends method, path, headers and body as they are, and reads the answer', async () => {
  const { seen, serve } = await webServer((response) => response.writeHead(201, { 'X-B': ['y', 'z'] }).end('h\u00e9llo'));
  const request = { method: 'POST', path: '/a?b=c%20d#e', headers: { 'X-A': 'secret' }, body: 't\u00e4xt' };
  const { answer, asked } = await ask(serve, request);
  expect(asked).toBe('/api/v1/namespaces/n/pods/p/portforward?ports=8080');
  expect(seen).toEqual(['POST /a?b=c%20d secret t\u00e4xt']);
  expect(answer).toMatchObject({ status: 201, headers: { 'x-b': 'y, z' }, body: 'h\u00e9llo', truncated: false });
  expect((await ask(serve, { method: 'GET', body: 'too' })).answer.status).toBe(201);
  expect(seen.at(-1)).toBe('GET /  too');
});

test('follows no redirect, and no path leads to another host', async () => {
  const { seen, serve } = await webServer((response) => response.writeHead(302, { Location: 'http://192.0.2.1/' }).end());
  for (const path of ['//192.0.2.1/x', '/@192.0.2.1', '/../z\u00e4hler x']) {
    expect((await ask(serve, { path })).answer).toMatchObject({ status: 302, headers: { location: 'http://192.0.2.1/' } });
  }
  expect(seen).toEqual(['GET //192.0.2.1/x', 'GET /@192.0.2.1', 'GET /z%C3%A4hler%20x']);
});

test('goes through no proxy, whatever Node was told to use', async () => {
  const reached: unknown[] = [];
  const proxy = net.createServer((socket) => void reached.push(socket.destroy())).listen(0, '127.0.0.1');
  await new Promise((resolve) => proxy.once('listening', resolve));
  const usual = http.globalAgent;
  const proxyEnv = { HTTP_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
  // As with NODE_USE_ENV_PROXY=1.
  http.globalAgent = new http.Agent({ proxyEnv } as http.AgentOptions);
  onTestFinished(() => {
    http.globalAgent = usual;
    proxy.close();
  });
  const { serve } = await webServer((response) => response.end('here'));
  expect((await ask(serve)).answer).toMatchObject({ status: 200, body: 'here' });
  expect(reached).toEqual([]);
});

test('an answer is kept up to the limit, without half a character; a long one arrives whole', async () => {
  const { serve } = await webServer((response) => response.end('ab\u20accd'));
  expect((await ask(serve, { limit: 4 })).answer).toMatchObject({ status: 200, body: 'ab', truncated: true });
  const long = await webServer((response) => response.end('x'.repeat(1_100_000)));
  expect((await ask(long.serve, { limit: 2_000_000 })).answer.body).toHaveLength(1_100_000);
  const cut = (await ask(long.serve)).answer;
  expect([cut.body.length, cut.truncated]).toEqual([1024 * 1024, true]);
});

test.for<[string, (socket: WebSocket) => void, string]>([
  ['the pod refuses', (socket) => send(socket, 1, 'dial tcp4 127.0.0.1:8080: connect: connection refused\n'), 'connection refused'],
  ['the connection ends', (socket) => socket.close(), 'hang up'],
  ['the answer is no HTTP', (socket) => send(socket, 0, 'SSH-2.0-x\r\n'), 'Parse Error'],
  [
    'the answer ends half-way',
    (socket) => {
      send(socket, 0, 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf');
      socket.close();
    },
    'aborted',
  ],
  [
    'the answer changes the protocol',
    (socket) => send(socket, 0, 'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'),
    'without an answer',
  ],
])('no answer, and why: %s', async ([, serve, problem]) => {
  expect((await ask(serve)).answer).toEqual({
    status: 0,
    headers: {},
    body: '',
    truncated: false,
    problem: expect.stringContaining(problem),
  });
});

test('what HTTP does not allow is invalid', async () => {
  await expect(ask(() => {}, { headers: { 'X-A': '\u20ac' } })).rejects.toMatchObject({ code: 'invalid' });
});

test('aborting closes the connection and rejects with the reason', async () => {
  const stop = new AbortController();
  const reason = new Error('enough');
  let closed: Promise<void> | undefined;
  const serve = (socket: WebSocket) => {
    closed = new Promise((resolve) => void socket.on('close', () => resolve()));
    stop.abort(reason);
  };
  await expect(ask(serve, { signal: stop.signal })).rejects.toBe(reason);
  await closed;
});

test.for([
  [404, 'pods "p" not found', 'not-found'],
  [400, 'pod p does not have a host assigned', 'pod-failed'],
  [403, 'pods "p" is forbidden: User "eve" cannot create resource "pods/portforward" in API group "" in the namespace "n"', 'forbidden'],
] as const)('a refused port-forward is read: %i %s', async ([status, message, code]) => {
  const api = await apiServer(() => {});
  api.server.on('upgrade', (_request, socket) => {
    const body = JSON.stringify({ kind: 'Status', status: 'Failure', code: status, message });
    socket.end(`HTTP/1.1 ${status} Refused\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  });
  const cluster = await connectCluster({ kubeconfig: api.kubeconfig, env: {} });
  await expect(cluster.request(pod, 80, { method: 'GET', path: '/', signal: new AbortController().signal })).rejects.toMatchObject({
    code,
  });
});
