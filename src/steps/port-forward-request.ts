// A request by this tool itself, to a port of a pod of the run and nowhere else.
import type { PodReference } from '../ports/cluster.ts';
import { addressOf, type HttpAnswer, type HttpRequest } from './curl-config.ts';
import type { StepContext } from './step.ts';

/** Sends the request to `port` of the pod; `request.url` is a path. `problem` where no answer came. Throws what the cluster throws. */
export async function requestThrough(
  pod: PodReference,
  port: number,
  request: HttpRequest,
  context: Pick<StepContext, 'cluster' | 'clock' | 'signal' | 'note'>,
): Promise<{ answer: HttpAnswer; seconds: number; problem?: string }> {
  const { url, query, ...rest } = request;
  const started = context.clock.monotonic();
  const path = addressOf({ url, query });
  const { truncated, problem, ...answer } = await context.cluster.request(pod, port, { ...rest, path, signal: context.signal });
  if (truncated) context.note('the answer is larger than 1 MiB: only its beginning was kept');
  return {
    answer,
    seconds: (context.clock.monotonic() - started) / 1000,
    ...(problem === undefined ? {} : { problem: `request: no answer from port ${port} of ${pod.name}: ${problem}` }),
  };
}
