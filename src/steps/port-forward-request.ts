// A request by this tool itself, through a port-forward to a pod of the run. The path cannot lead to another host, and redirects are not followed.
import type { PodReference } from '../ports/cluster.ts';
import { Failure } from '../ports/failure.ts';
import { addressOf, type HttpAnswer, type HttpRequest } from './curl-config.ts';
import type { StepContext } from './step.ts';

/** Bytes of the body that are kept. */
const LIMIT = 1024 * 1024;

/**
 * Sends the request to `port` of the pod; `request.url` is a path. `problem` where the connection broke. Throws Failure invalid for what HTTP does
 * not allow (a body in a GET), and what the cluster throws.
 */
export async function requestThrough(
  pod: PodReference,
  port: number,
  request: HttpRequest,
  context: Pick<StepContext, 'cluster' | 'clock' | 'signal' | 'note'>,
): Promise<{ answer: HttpAnswer; seconds: number; problem?: string }> {
  const { method, headers, body } = request;
  const forward = await context.cluster.portForward(pod, port, context.signal);
  const started = context.clock.monotonic();
  const seconds = () => (context.clock.monotonic() - started) / 1000;
  try {
    const asked = buildRequest(`http://127.0.0.1:${forward.port}${addressOf(request)}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    // biome-ignore lint/style/noRestrictedGlobals: the address is the port-forward's own, and nothing else
    const response = await fetch(asked, { redirect: 'manual', signal: context.signal });
    const { text, isCut } = await readText(response);
    if (isCut) context.note('the answer is larger than 1 MiB: only its beginning was kept');
    return { answer: { status: response.status, headers: Object.fromEntries(response.headers), body: text }, seconds: seconds() };
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof Failure) throw error;
    const { message, cause } = error as Error;
    const why = cause instanceof Error && cause.message !== '' ? cause.message : message;
    return {
      answer: { status: 0, headers: {}, body: '' },
      seconds: seconds(),
      problem: `request: no answer from port ${port} of ${pod.name}: ${why}`,
    };
  } finally {
    await forward.close();
  }
}

function buildRequest(address: string, options: RequestInit): Request {
  try {
    return new Request(address, options);
  } catch (cause) {
    throw new Failure('invalid', `the request is not valid: ${(cause as Error).message}`, { cause });
  }
}

async function readText(response: Response): Promise<{ text: string; isCut: boolean }> {
  const decoder = new TextDecoder();
  let text = '';
  let room = LIMIT;
  // Node's types leave out that a body can be iterated.
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk.subarray(0, room), { stream: true });
    room -= chunk.length;
    if (room < 0) return { text, isCut: true };
  }
  return { text: text + decoder.decode(), isCut: false };
}
