// HTTP to one host on behalf of an alert source: what logs in there is shown to no other host, and nothing it answers is taken without bounds.
import { readFile } from 'node:fs/promises';
import type { Dispatcher } from 'undici';
import { Failure, type FailureCode } from '../../ports/failure.ts';
import type { ClockReading } from './clock-offset.ts';
import { readJson } from './read-json.ts';
import { readPrivateFile } from './secrets.ts';
import { type AuthSettings, type HttpSettings, isLoopback, type TlsSettings, urlProblems } from './settings.ts';
import type { SourceWorld } from './source-type.ts';

export interface HttpRequest {
  /** What is asked, for the message of a failure: "list alerts". */
  action: string;
  method?: 'GET' | 'POST' | 'PATCH';
  /** A path with its query, from the base on; or a whole address of the same host. */
  path: string;
  headers?: Record<string, string>;
  /** A text is sent as it is, anything else as JSON. */
  body?: unknown;
  signal: AbortSignal;
}

export interface HttpAnswer {
  status: number;
  headers: Record<string, string>;
  text: string;
  /** By the Date header, where there is one that no cache has kept. */
  clock?: ClockReading;
}

export interface BoundHttp {
  /** Any status but a redirect is an answer. Throws Failure unreachable, timeout, configuration (certificate, redirect), server-error (too long). */
  exchange(request: HttpRequest): Promise<HttpAnswer>;
  /** The same for a success, as JSON; undefined for an empty answer. Throws what the status means, too: unauthorized, forbidden, not-found, throttled, invalid, server-error. */
  json(request: HttpRequest): Promise<{ body: unknown; clock?: ClockReading }>;
}

/** How a request logs in. */
export interface Login {
  headers(signal: AbortSignal): Promise<Record<string, string>>;
  /** Drops what was fetched, so that the next request logs in anew. False where that cannot help. */
  forget(): boolean;
}

const LARGEST = 16 * 1024 * 1024;
const LIMIT = 60_000;
const MOST_REDIRECTS = 3;

/** `base` has passed `urlProblems`, or a Failure configuration is thrown. */
export function boundHttp(
  { url, tls }: Pick<HttpSettings, 'url' | 'tls'>,
  login: Login,
  { clock, env }: Pick<SourceWorld, 'clock' | 'env'>,
): BoundHttp {
  const [problem] = urlProblems(url, []);
  if (problem !== undefined) throw new Failure('configuration', problem.message, problem.hint === undefined ? {} : { hint: problem.hint });
  const base = new URL(url);
  let dispatcher: Promise<Dispatcher> | undefined;

  const addressOf = (path: string): URL => {
    const text = /^https?:\/\//i.test(path) ? path : base.href.replace(/\/$/, '') + path;
    const address = URL.canParse(text) ? new URL(text) : undefined;
    if (address?.origin !== base.origin)
      throw new Failure('configuration', `${base.host} points to ${address?.host ?? 'no address'}, which its credential is not for`, {
        ...(address === undefined ? {} : { hint: `name ${address.origin} in the configuration where that is meant` }),
      });
    return address;
  };

  const once = async (request: HttpRequest, address: URL, signal: AbortSignal): Promise<HttpAnswer> => {
    dispatcher ??= dispatcherFor(base, tls, env);
    const { request: send } = await import('undici');
    const { method = 'GET', body } = request;
    const headers = {
      Accept: 'application/json',
      'User-Agent': 'kubesim',
      ...(body === undefined || typeof body === 'string' ? {} : { 'Content-Type': 'application/json' }),
      ...request.headers,
      ...(await login.headers(signal)),
    };
    const content = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const sent = clock.now();
    const answer = await send(address, { method, headers, body: content ?? null, dispatcher: await dispatcher, signal });
    const received = clock.now();
    const plain = Object.fromEntries(
      Object.entries(answer.headers).map(([name, value]) => [name.toLowerCase(), [value].flat().join(', ')]),
    );
    const text = await limited(answer.body, request.action);
    const server = plain.age === undefined ? Date.parse(plain.date ?? '') : Number.NaN;
    return { status: answer.statusCode, headers: plain, text, ...(Number.isNaN(server) ? {} : { clock: { server, sent, received } }) };
  };

  const exchange = async (request: HttpRequest): Promise<HttpAnswer> => {
    const limit = AbortSignal.timeout(LIMIT);
    const signal = AbortSignal.any([request.signal, limit]);
    try {
      let address = addressOf(request.path);
      let [redirects, mayForget] = [0, true];
      for (;;) {
        const answer = await once(request, address, signal);
        const { location } = answer.headers;
        if (answer.status === 401 && mayForget && login.forget()) mayForget = false;
        else if (location === undefined || answer.status < 300 || answer.status > 399) return answer;
        else {
          if (++redirects > MOST_REDIRECTS || (request.method ?? 'GET') !== 'GET')
            throw new Failure('configuration', `${request.action}: ${base.host} redirects instead of answering`, {
              hint: 'is it the address of the API?',
            });
          address = addressOf(URL.canParse(location, address.href) ? new URL(location, address).href : 'http://');
        }
      }
    } catch (error) {
      if (request.signal.aborted) throw request.signal.reason;
      if (error instanceof Failure) throw error;
      if (limit.aborted) throw new Failure('timeout', `${request.action}: ${base.host} did not answer within ${LIMIT / 1000} s`);
      throw connectionFailure(request.action, base, error);
    }
  };

  return {
    exchange,
    async json(request) {
      const answer = await exchange(request);
      if (answer.status < 200 || answer.status > 299) throw answerFailure(request.action, base.host, answer, clock.now());
      const { clock: reading } = answer;
      return {
        body: answer.text === '' ? undefined : readJson(answer.text, `${request.action}: ${base.host} answered`),
        ...(reading === undefined ? {} : { clock: reading }),
      };
    },
  };
}

/** Through the proxy that the environment names; never on the way to this machine. */
async function dispatcherFor(base: URL, tls: TlsSettings | undefined, env: SourceWorld['env']): Promise<Dispatcher> {
  const { Agent, EnvHttpProxyAgent } = await import('undici');
  const read = (path: string) =>
    readFile(path, 'utf8').catch((cause: Error) => {
      throw new Failure('configuration', `the certificate "${path}" cannot be read: ${cause.message}`, { cause });
    });
  const connect = {
    ...(tls?.ca === undefined ? {} : { ca: await read(tls.ca) }),
    ...(tls?.cert === undefined ? {} : { cert: await read(tls.cert) }),
    ...(tls?.key === undefined ? {} : { key: await readPrivateFile(tls.key) }),
  };
  if (isLoopback(base.hostname)) return new Agent({ connect });
  return new EnvHttpProxyAgent({
    connect,
    requestTls: connect,
    httpProxy: env.http_proxy ?? env.HTTP_PROXY ?? '',
    httpsProxy: env.https_proxy ?? env.HTTPS_PROXY ?? '',
    noProxy: env.no_proxy ?? env.NO_PROXY ?? '',
  });
}

async function limited(body: AsyncIterable<Buffer>, action: string): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    // Leaving the loop ends the connection.
    if (size > LARGEST) throw new Failure('server-error', `${action}: the answer is larger than ${LARGEST / 1024 / 1024} MiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const CERTIFICATE =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT(_LOCALLY)?)|CERT_[A-Z_]+|ERR_TLS_CERT_ALTNAME_INVALID)$/;

function connectionFailure(action: string, { host }: URL, error: unknown): Failure {
  const { code = '', message = '' } = error as NodeJS.ErrnoException;
  if (CERTIFICATE.test(code))
    return new Failure('configuration', `${action}: the certificate of ${host} is not trusted: ${message}`, {
      hint: 'name the authority that signed it as `tls.ca`',
      cause: error,
    });
  if (/TIMEOUT/.test(code)) return new Failure('timeout', `${action}: ${host} does not answer`, { cause: error });
  return new Failure('unreachable', `${action}: ${host} cannot be reached: ${message || code}`, { cause: error });
}

const CODES: Readonly<Record<number, FailureCode>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  408: 'timeout',
  429: 'throttled',
};

/** What an unsuccessful status means. Of the body only the beginning is told, for it may be a page. */
export function answerFailure(action: string, host: string, { status, headers, text }: Omit<HttpAnswer, 'clock'>, now: number): Failure {
  const code = CODES[status] ?? (status >= 500 ? 'server-error' : 'invalid');
  const said = text.replace(/\s+/g, ' ').trim().slice(0, 300);
  const retryAfter = retrySeconds(headers['retry-after'], now);
  const hint = status === 401 || status === 403 ? 'are the credentials right, and may they read alerts?' : undefined;
  // `invalid` would be taken for a mistake on the command line.
  return new Failure(
    code === 'invalid' ? 'configuration' : code,
    `${action}: ${host} answered ${status}${said === '' ? '' : `: ${said}`}`,
    {
      status,
      ...(retryAfter === undefined ? {} : { retryAfter }),
      ...(hint === undefined ? {} : { hint }),
    },
  );
}

/** Seconds out of a Retry-After header: a number, or a date. */
function retrySeconds(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(header.trim())) return Number(header);
  const until = Date.parse(header);
  return Number.isNaN(until) ? undefined : Math.max(0, (until - now) / 1000);
}

/** Logs in as the settings say, reading secrets anew each time. */
export function settingsLogin(auth: AuthSettings | undefined, { secret }: Pick<SourceWorld, 'secret'>): Login {
  return {
    async headers() {
      const headers: Record<string, string> = {};
      if (auth?.bearerToken !== undefined) headers.Authorization = `Bearer ${await secret(auth.bearerToken)}`;
      if (auth?.basic !== undefined) {
        const { username, password } = auth.basic;
        headers.Authorization = `Basic ${Buffer.from(`${username}:${await secret(password)}`).toString('base64')}`;
      }
      for (const [name, value] of Object.entries(auth?.headers ?? {})) headers[name] = await secret(value);
      return headers;
    },
    // A file may have been replaced between the two requests.
    forget: () =>
      [auth?.bearerToken, auth?.basic?.password, ...Object.values(auth?.headers ?? {})].some((each) => each && 'fromFile' in each),
  };
}
