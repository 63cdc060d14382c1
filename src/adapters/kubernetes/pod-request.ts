// An HTTP request to a port of a pod. It travels on the port-forward's own stream: no agent, no proxy, no other address.
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { PodAnswer, PodReference, PodRequest } from '../../ports/cluster.ts';
import { Failure } from '../../ports/failure.ts';
import { BODY_LIMIT, headersOf, limitedBody } from './answer.ts';
import { connectPort } from './port-forward.ts';
import type { Transport } from './transport.ts';

/** The answer, or why the pod gave none. Throws Failure invalid, what connectPort throws, and the signal's reason. */
export async function requestPod(transport: Transport, pod: PodReference, port: number, request: PodRequest): Promise<PodAnswer> {
  const { signal, limit = BODY_LIMIT } = request;
  const stream = await connectPort(transport, pod, port, signal);
  try {
    const response = await send(request, port, stream);
    return { status: response.statusCode ?? 0, headers: headersOf(response), ...(await limitedBody(response, limit)) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Failure) throw error;
    return { status: 0, headers: {}, body: '', truncated: false, problem: (error as Error).message };
  } finally {
    stream.destroy();
  }
}

function send(request: PodRequest, port: number, stream: Duplex): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = build(request, port, stream);
    sent.on('response', resolve);
    sent.on('error', reject);
    // An answer that changes the protocol is none to read.
    sent.on('close', () => reject(new Error('the connection ended without an answer')));
    sent.end(request.body);
  });
}

function build({ method, path, headers = {}, body }: PodRequest, port: number, stream: Duplex): ClientRequest {
  try {
    // Dots and spaces as every client writes them.
    const { pathname, search } = new URL(`http://127.0.0.1${path}`);
    const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
    return http.request({
      host: '127.0.0.1',
      port,
      method,
      path: pathname + search,
      headers: { Accept: '*/*', 'User-Agent': 'kubesim', ...length, ...headers },
      // With this and no agent Node opens nothing itself.
      createConnection: () => stream,
    });
  } catch (cause) {
    throw new Failure('invalid', `the request is not valid: ${(cause as Error).message}`, { cause });
  }
}
