// An HTTP listener for products that push their alerts: on this machine only, for whoever knows the token of the run.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import http, { type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Failure } from '../../ports/failure.ts';
import { readJson } from './read-json.ts';
import { isLoopback } from './settings.ts';
import type { SecretReference, SourceWorld } from './source-type.ts';

export interface ListenSettings {
  port?: number;
  token?: SecretReference;
  hosts?: string[];
}

export const listenSettings = {
  port: { type: 'integer', minimum: 0, maximum: 65_535, default: 0, description: 'Port on 127.0.0.1; 0 takes a free one.' },
  token: {
    type: 'object',
    description:
      'What senders must show, in the path or as a bearer token. Without it each run makes one of its own, and prints the address.',
  },
  hosts: {
    type: 'array',
    minItems: 1,
    items: { type: 'string', pattern: '^[A-Za-z0-9.-]+$' },
    description: 'Names by which senders may call this machine, beside `localhost` and `127.0.0.1`: such as that of a tunnel.',
  },
} as const;

const LARGEST = 1024 * 1024;
const BODY_LIMIT = 10_000;

/**
 * Listens until the signal. `receive` gets each body that came with the token; what it throws as a Failure is answered as 400. Throws Failure
 * configuration where the port cannot be had.
 */
export async function listen(
  name: string,
  { port = 0, token: reference, hosts = [] }: ListenSettings,
  { secret, note }: Pick<SourceWorld, 'secret' | 'note'>,
  receive: (body: unknown) => void,
  signal: AbortSignal,
): Promise<void> {
  const token = reference === undefined ? randomBytes(24).toString('base64url') : await secret(reference);
  const isToken = (given: string) => timingSafeEqual(digest(given), digest(token));

  const answer = async (request: IncomingMessage): Promise<[status: number, text: string]> => {
    const host = request.headers.host ?? '';
    const called = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : '';
    // A page in a browser reaches this port, too, by a name that leads here: it calls the name of its own site.
    if (!isLoopback(called) && !hosts.some((each) => each.toLowerCase() === called)) return [421, 'not the name of this listener'];
    const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const path = decoded((request.url ?? '').replace(/[?#].*$/, '').replace(/^\//, ''));
    if (!isToken(bearer ?? path)) return [401, 'the token is missing or wrong'];
    if (request.method !== 'POST') return [405, 'alerts come by POST'];
    const text = await bodyOf(request);
    if (text === undefined) return [413, `at most ${LARGEST} bytes`];
    try {
      receive(readJson(text, 'the body'));
      return [204, ''];
    } catch (error) {
      if (error instanceof Failure) return [400, error.message];
      throw error;
    }
  };

  const server = http.createServer({ requestTimeout: BODY_LIMIT, headersTimeout: BODY_LIMIT }, (request, response) => {
    answer(request).then(
      ([status, text]) => response.writeHead(status, { 'Content-Type': 'text/plain', Connection: 'close' }).end(text),
      () => request.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'something else listens there' : cause.message;
      reject(new Failure('configuration', `alert source ${name}: port ${port} of 127.0.0.1 cannot be had: ${why}`, { cause }));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  if (signal.aborted) close();
  else signal.addEventListener('abort', close, { once: true });
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  note(`alert source ${name} listens at ${address}${reference === undefined ? token : '<token>'}`);
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // No token has a broken escape in it.
  }
}

/** The body as text; undefined where it is too long. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= LARGEST) chunks.push(chunk);
    // Read to its end, within reason, so that the sender hears the answer.
    else if (size > 8 * LARGEST) return undefined;
  }
  return size > LARGEST ? undefined : Buffer.concat(chunks).toString('utf8');
}
