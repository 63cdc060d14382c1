// A local server that plays a product: alerts that a test sets, a token that it may change, and troubles that it lays in the way.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Clock } from '../../../src/ports/clock.ts';
import { serverIdentity } from '../kubernetes/certificates.ts';

export interface ServerRequest {
  method: string;
  url: URL;
  headers: http.IncomingHttpHeaders;
  body: string;
}

export interface ServerAnswer {
  status?: number;
  headers?: Record<string, string>;
  /** A text as it is, anything else as JSON. */
  body?: unknown;
}

/** What happens to one request instead of an answer. */
export type Trouble = ServerAnswer | 'reset';

export interface ProductServer {
  url: string;
  /** Its authority, as a file. */
  ca: string;
  /** The token that it takes, and the file from which a source reads it. */
  token: string;
  tokenFile: string;
  /** Both at once, as where a token is replaced before the old one ends. */
  renewToken(token: string): void;
  /** For the next requests that carry a credential, in their order. */
  troubles: Trouble[];
  /** The server's clock minus the test's. */
  skew: number;
  requests: ServerRequest[];
}

/** `answer` gives undefined for a request without the right credential. */
export async function productServer(
  clock: Clock,
  answer: (request: ServerRequest, server: ProductServer) => ServerAnswer | undefined,
  { secure = false, open = () => undefined }: { secure?: boolean; open?: (request: ServerRequest) => ServerAnswer | undefined } = {},
): Promise<ProductServer> {
  const folder = mkdtempSync(join(tmpdir(), 'kubesim-source-'));
  const files = { ca: join(folder, 'ca.pem'), tokenFile: join(folder, 'token') };
  writeFileSync(files.ca, serverIdentity.cert);
  const writeToken = (token: string) => writeFileSync(files.tokenFile, `${token}\n`, { mode: 0o600 });
  writeToken('first-token');

  const handle = async (incoming: IncomingMessage, response: ServerResponse) => {
    const request: ServerRequest = {
      method: incoming.method ?? '',
      url: new URL(incoming.url ?? '/', told.url),
      headers: incoming.headers,
      body: await read(incoming),
    };
    const opened = open(request);
    if (opened === undefined) told.requests.push(request);
    const said = opened ?? told.troubles.shift() ?? answer(request, told) ?? { status: 401, body: { error: 'no valid token' } };
    // Node resets plain connections only.
    if (said === 'reset') return void (secure ? incoming.socket.destroy() : incoming.socket.resetAndDestroy());
    const { status = 200, headers = {}, body = {} } = said;
    const date = new Date(clock.now() + told.skew).toUTCString();
    response.writeHead(status, { 'Content-Type': 'application/json', Date: date, ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  const server = secure ? https.createServer(serverIdentity, handle) : http.createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const told: ProductServer = {
    url: `${secure ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...files,
    token: 'first-token',
    renewToken(token) {
      told.token = token;
      writeToken(token);
    },
    troubles: [],
    skew: 0,
    requests: [],
  };
  return told;
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
