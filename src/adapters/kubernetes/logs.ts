// Lines of a container's log.
import type { LogOptions, PodReference } from '../../ports/cluster.ts';
import { Failure } from '../../ports/failure.ts';
import { connectionFailure } from './errors.ts';
import { linesOf } from './lines.ts';
import { notRunning, podName } from './pod-failure.ts';
import type { Transport } from './transport.ts';

/** The API server calls it a bad request. */
const NO_PREVIOUS = /previous terminated container ".*" in pod ".*" not found/;

/** The log's lines that are asked for; with `follow` until the container ends. Ends quietly with the signal. */
export async function* logLines(transport: Transport, pod: PodReference, { signal, ...which }: LogOptions): AsyncGenerator<string> {
  const action = `read the log of ${podName(pod)}`;
  const path = `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${encodeURIComponent(pod.name)}/log`;
  if (signal.aborted) return;
  try {
    const response = await transport.stream({ action, path, query: { container: pod.container, ...which }, signal }, 0);
    try {
      yield* linesOf(response);
    } finally {
      response.destroy();
    }
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof Failure)) throw connectionFailure(action, transport.server, error);
    if (NO_PREVIOUS.test(error.message)) throw new Failure('not-found', error.message, error.details);
    throw notRunning(action, error.message) ?? error;
  }
}
