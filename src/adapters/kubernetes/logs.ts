// Lines of a container's log.
import type { PodReference } from '../../ports/cluster.ts';
import { Failure } from '../../ports/failure.ts';
import { connectionFailure } from './errors.ts';
import { linesOf } from './lines.ts';
import { notRunning, podName } from './pod-failure.ts';
import type { Transport } from './transport.ts';

/** The log's lines from `sinceTime` (RFC 3339) on; with `follow` until the container ends. Ends quietly with the signal. */
export async function* logLines(
  transport: Transport,
  pod: PodReference,
  options: { follow?: boolean; sinceTime?: string; signal: AbortSignal },
): AsyncGenerator<string> {
  const { follow, sinceTime, signal } = options;
  const action = `read the log of ${podName(pod)}`;
  const path = `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${encodeURIComponent(pod.name)}/log`;
  if (signal.aborted) return;
  try {
    const response = await transport.stream({ action, path, query: { container: pod.container, follow, sinceTime }, signal }, 0);
    try {
      yield* linesOf(response);
    } finally {
      response.destroy();
    }
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof Failure)) throw connectionFailure(action, transport.server, error);
    throw notRunning(action, error.message) ?? error;
  }
}
