// A local HTTP server that plays the API server by its published shapes, and a kubeconfig that leads to it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';

export type Handler = (
  request: { method: string; url: URL; body: string; headers: http.IncomingHttpHeaders },
  response: ServerResponse,
) => void | Promise<void>;

export interface ApiServer {
  url: string;
  kubeconfig: string;
  server: http.Server;
  /** "METHOD /path?query" of every request but discovery. */
  requests: string[];
  /** Connections opened so far. */
  connections(): number;
}

const DISCOVERY: Record<string, object> = {
  '/api/v1': {
    kind: 'APIResourceList',
    resources: [
      { name: 'pods', kind: 'Pod', namespaced: true, verbs: ['get', 'list', 'watch', 'patch', 'delete'] },
      { name: 'pods/exec', kind: 'PodExecOptions', namespaced: true, verbs: ['create', 'get'] },
      { name: 'namespaces', kind: 'Namespace', namespaced: false, verbs: ['get', 'list', 'watch'] },
    ],
  },
};

/** Starts it for one test; discovery of the core group is answered by itself. `user` is the kubeconfig's user entry. */
export async function apiServer(handler: Handler, user: object = {}): Promise<ApiServer> {
  const requests: string[] = [];
  let connections = 0;
  const server = http.createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://api');
    const known = DISCOVERY[url.pathname];
    if (known) return json(response, 200, known);
    requests.push(`${request.method} ${decodeURIComponent(request.url ?? '')}`);
    await handler({ method: request.method ?? '', url, body: await read(request), headers: request.headers }, response);
  });
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, kubeconfig: kubeconfigFile(url, user), server, requests, connections: () => connections };
}

/** A kubeconfig file with one context named "test". */
export function kubeconfigFile(server: string, user: object = {}, cluster: object = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'kubesim-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'config');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server, ...cluster } }],
    users: [{ name: 'u', user }],
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}

export function json(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** A metav1.Status that refuses. */
export function refuse(response: ServerResponse, code: number, message: string, headers: Record<string, string> = {}): void {
  json(response, code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code }, headers);
}

/** Serves WebSockets on the server; `protocol` is the one that it chooses. */
export function webSockets(
  api: ApiServer,
  protocol: string,
  onSocket: (socket: WebSocket, request: IncomingMessage) => void,
  { autoPong = true } = {},
): void {
  const sockets = new WebSocketServer({ server: api.server, handleProtocols: () => protocol, autoPong });
  sockets.on('connection', onSocket);
  onTestFinished(() => sockets.close());
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
