// HTTP and WebSocket to one API server: connections kept alive, every request limited in time, every refusal a Failure.
import http, { type IncomingMessage } from 'node:http';
import https, { type RequestOptions } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { Failure } from '../../ports/failure.ts';
import { headersOf, type LimitedBody, limitedBody } from './answer.ts';
import type { Credentials } from './credentials.ts';
import { answerFailure, connectionFailure, foreignAnswer, noApiServer, type Status, timeLimitFailure } from './errors.ts';

export interface ApiRequest {
  /** What is asked, for the message of a failure: "list Pod in sim-1". */
  action: string;
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  /** Undefined values are left out; lists repeat the name. */
  query?: Record<string, string | number | boolean | string[] | undefined>;
  body?: unknown;
  contentType?: string;
  /** Over those that every request has. */
  headers?: Record<string, string>;
  signal: AbortSignal;
}

export interface Transport {
  readonly server: string;
  /** Sends a request and returns the answer's JSON. Limit: 30 s. */
  json(request: ApiRequest): Promise<unknown>;
  /** Sends a request and returns the answer's body as it comes. Limits: 30 s to the first byte, then `idle` milliseconds of silence (0: none). */
  stream(request: ApiRequest, idle: number): Promise<IncomingMessage>;
  /** Sends a request once; any status is an answer, of whose body `limit` bytes are kept. Limit: 30 s. */
  exchange(request: ApiRequest, limit: number): Promise<Exchange>;
  /** Opens a WebSocket, paused: attach listeners, then resume it. Limit: 30 s. */
  webSocket(request: ApiRequest, protocols: string[]): Promise<WebSocket>;
}

export interface Exchange extends LimitedBody {
  status: number;
  /** By name in small letters; repeated ones are joined with a comma. */
  headers: Record<string, string>;
}

const REQUEST_LIMIT = 30_000;
/** As client-go: an answer with Retry-After was not processed, and is asked again. */
const THROTTLE_TRIES = 5;
const THROTTLE_LIMIT = 10;

/** A transport to `server` (https, or http on this machine). Reuses connections between all kinds of requests. */
export function connectTransport(server: string, credentials: Credentials): Transport {
  const base = new URL(server);
  const secure = base.protocol === 'https:';
  const client = secure ? https : http;
  const agent = new client.Agent({ keepAlive: true });

  const address = ({ path, query = {} }: ApiRequest) => {
    // A server behind a gateway has a path of its own.
    const url = new URL(base.href.replace(/\/$/, '') + path);
    for (const [name, value] of Object.entries(query)) {
      for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) url.searchParams.append(name, String(one));
    }
    return url;
  };

  const login = async (signal: AbortSignal): Promise<RequestOptions> => {
    const options = await credentials.options(signal);
    return { agent, ...options, headers: { ...options.headers, 'User-Agent': 'kubesim' } };
  };

  /** One try; the answer may be any status. */
  const send = (request: ApiRequest, options: RequestOptions, signal: AbortSignal, idle: number) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const body = request.body === undefined ? undefined : JSON.stringify(request.body);
      const headers = {
        ...options.headers,
        Accept: 'application/json, */*',
        ...(body === undefined
          ? {}
          : { 'Content-Type': request.contentType ?? 'application/json', 'Content-Length': Buffer.byteLength(body) }),
        ...request.headers,
      };
      const sent = client.request(address(request), { ...options, headers, method: request.method ?? 'GET', signal }, resolve);
      sent.on('error', (error) => {
        // A connection that the server closed while it was idle: nothing was asked yet (nodejs.org/api/http.html, reusedSocket).
        if (sent.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET' && !signal.aborted) {
          send(request, options, signal, idle).then(resolve, reject);
        } else reject(error);
      });
      if (idle > 0) sent.setTimeout(idle, () => sent.destroy(Object.assign(new Error('silence'), { code: 'ETIMEDOUT' })));
      sent.end(body);
    });

  /** Tries until the answer is a success or a refusal that stays. */
  const answer = async (request: ApiRequest, signal: AbortSignal, idle: number): Promise<IncomingMessage> => {
    let mayForget = true;
    for (let attempt = 1; ; attempt++) {
      const options = await login(signal);
      const response = await send(request, options, signal, idle);
      const status = response.statusCode ?? 0;
      const isForeign = foreign(request.action, server, response) !== undefined;
      if (status >= 200 && status < 300 && !isForeign) return response;
      const failure = await refusal(request, server, response, options, credentials);
      const { retryAfter } = failure.details;
      if (status === 401 && mayForget && credentials.forget()) mayForget = false;
      else if ((status === 429 || status === 503) && retryAfter !== undefined && retryAfter <= THROTTLE_LIMIT && attempt < THROTTLE_TRIES) {
        await pause(retryAfter * 1000, undefined, { signal });
      } else throw failure;
    }
  };

  /** Runs `work` under the request's signal and the time limit; turns what it throws into a Failure or the signal's reason. */
  const limited = async <T>(request: ApiRequest, work: (signal: AbortSignal, begun: () => void) => Promise<T>): Promise<T> => {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), REQUEST_LIMIT);
    try {
      return await work(AbortSignal.any([request.signal, limit.signal]), () => clearTimeout(timer));
    } catch (error) {
      if (request.signal.aborted) throw request.signal.reason;
      if (error instanceof Failure) throw error;
      if (limit.signal.aborted) throw timeLimitFailure(request.action, server, REQUEST_LIMIT);
      throw connectionFailure(request.action, server, error);
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    server,
    json: (request) =>
      limited(request, async (signal) => {
        const response = await answer(request, signal, 0);
        const said = await text(response);
        try {
          return JSON.parse(said);
        } catch {
          throw noApiServer(request.action, server, `HTTP ${response.statusCode} with something that is no JSON`);
        }
      }),
    stream: (request, idle) =>
      limited(request, async (signal, begun) => {
        const response = await answer(request, signal, idle);
        begun();
        return response;
      }),
    exchange: (request, limit) =>
      limited(request, async (signal) => {
        const response = await send(request, await login(signal), signal, 0);
        return { status: response.statusCode ?? 0, headers: headersOf(response), ...(await limitedBody(response, limit)) };
      }),
    webSocket: (request, protocols) =>
      limited(request, async (signal) => {
        const url = address(request);
        const first = await login(signal);
        try {
          return await openSocket(url, protocols, first, signal, (response) => refusal(request, server, response, first, credentials));
        } catch (error) {
          const again =
            error instanceof Failure
              ? error.code === 'unauthorized' && credentials.forget()
              : codeOf(error) === 'ECONNRESET' && !signal.aborted;
          if (!again) throw error;
          const second = await login(signal);
          return await openSocket(url, protocols, second, signal, (response) => refusal(request, server, response, second, credentials));
        }
      }),
  };
}

function openSocket(
  url: URL,
  protocols: string[],
  options: RequestOptions,
  signal: AbortSignal,
  refused: (response: IncomingMessage) => Promise<Failure>,
): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    // The container's output is compressed by nobody: the API server does not offer it.
    const socket = new WebSocket(url, protocols, { ...options, perMessageDeflate: false });
    const stop = () => {
      reject(signal.reason);
      socket.terminate();
    };
    signal.addEventListener('abort', stop, { once: true });
    socket.on('open', () => {
      signal.removeEventListener('abort', stop);
      // What the server sends now must wait until the caller listens.
      socket.pause();
      resolve(socket);
    });
    socket.on('unexpected-response', (_request, response) => {
      refused(response)
        .then(reject, reject)
        .finally(() => response.destroy());
    });
    socket.on('error', (error) => {
      signal.removeEventListener('abort', stop);
      reject(error);
    });
  });
}

function foreign(action: string, server: string, { statusCode = 0, headers }: IncomingMessage): Failure | undefined {
  return foreignAnswer(action, server, { status: statusCode, type: headers['content-type'], location: headers.location });
}

async function refusal(
  request: ApiRequest,
  server: string,
  response: IncomingMessage,
  options: RequestOptions,
  credentials: Credentials,
): Promise<Failure> {
  const said = await text(response);
  const other = foreign(request.action, server, response);
  if (other) return other;
  const retryAfter = Number(response.headers['retry-after']);
  return answerFailure(
    request.action,
    { status: response.statusCode ?? 0, body: asStatus(said), text: said, ...(Number.isFinite(retryAfter) ? { retryAfter } : {}) },
    credentials.describe(options),
  );
}

async function text(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function asStatus(said: string): Status | undefined {
  try {
    const body: unknown = JSON.parse(said);
    return typeof body === 'object' && body !== null ? (body as Status) : undefined;
  } catch {
    return undefined; // A gateway's own page.
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}
