// Waits until created objects are ready, by watching them, and fails as soon as it is known that they will not be.
import type { KubernetesObject, WatchEvent } from '../ports/cluster.ts';
import { Failure } from '../ports/failure.ts';
import { conditionOf, type Problem, problemOf, readinessOf, selects, unschedulable } from './readiness.ts';
import type { StepContext } from './step.ts';

type Context = Pick<StepContext, 'cluster' | 'clock' | 'signal' | 'say' | 'note'>;

/** How long a pod may be without a node: an autoscaler, or a pod that just ends, may yet make room. */
const GRACE = 10_000;
/** Limit for asking why, once the step's own time is up. */
const LAST_QUESTION = 5000;

/**
 * Resolves with the pods of the created objects as last seen, once all of those are ready. One watch per kind. Throws Failure pod-failed that
 * names the pod, the reason and what its events say; admission-denied where the cluster refuses a workload's pods.
 */
export async function untilReady(created: readonly KubernetesObject[], context: Context): Promise<KubernetesObject[]> {
  const awaited = created.filter((object) => readinessOf(object) !== undefined);
  if (awaited.length === 0) return [];
  const seen = new Map(awaited.map((object) => [keyOf(object), object]));
  const workloads = awaited.filter(({ kind }) => kind !== 'Pod');
  const homeless = new Map<string, AbortController>();
  const finished = Promise.withResolvers<void>();
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  let said = '';

  const ownersOf = (pod: KubernetesObject) => workloads.filter((workload) => selects(workload, pod.metadata.labels));
  const isOurs = (pod: KubernetesObject) => awaited.some((object) => keyOf(object) === keyOf(pod)) || ownersOf(pod).length > 0;

  const checkPod = async (pod: KubernetesObject) => {
    const problem = problemOf(pod, { retried: ownersOf(pod).some(({ kind }) => kind === 'Job') });
    if (problem !== undefined) throw await podFailure(pod, problem, context);
    const key = keyOf(pod);
    const shortage = unschedulable(pod);
    if (shortage === undefined) {
      homeless.get(key)?.abort();
      homeless.delete(key);
    } else if (!homeless.has(key)) {
      const found = new AbortController();
      homeless.set(key, found);
      const failure = () => finished.reject(failureOf(seen.get(key) ?? pod, unschedulable(seen.get(key) ?? pod) ?? shortage));
      context.clock.sleep(GRACE, AbortSignal.any([signal, found.signal])).then(failure, () => undefined);
    }
  };

  const take = async ({ type, object }: WatchEvent) => {
    if (object !== undefined) {
      const isAwaited = awaited.some((each) => keyOf(each) === keyOf(object));
      if (object.kind === 'Pod' ? !isOurs(object) : !isAwaited) return;
      if (type === 'DELETED' && isAwaited) throw new Failure('pod-failed', `${nameOf(object)} was deleted while it was awaited`);
      if (type === 'DELETED') seen.delete(keyOf(object));
      else seen.set(keyOf(object), object);
      if (type !== 'DELETED' && object.kind === 'Pod') await checkPod(object);
      if (object.kind !== 'Pod') await checkWorkload(object, context);
    }
    const missing = awaited.map((each) => seen.get(keyOf(each)) ?? each).filter((each) => readinessOf(each)?.isReady !== true);
    if (missing.length === 0) finished.resolve();
    const text = missing.map((each) => `${nameOf(each)} (${readinessOf(each)?.text})`).join(', ');
    if (text !== said && text !== '') context.say(`waiting for ${text}`);
    said = text;
  };

  const follow = async (query: { apiVersion: string; kind: string; namespace?: string }) => {
    for await (const event of context.cluster.watch(query, signal)) await take(event);
  };
  const watches = Promise.all(queriesFor(awaited).map(follow));
  // A watch ends without an error only with the signal.
  watches.then(() => finished.resolve(), finished.reject);
  try {
    await finished.promise;
    context.signal.throwIfAborted();
  } catch (error) {
    if (context.signal.aborted && said !== '') {
      const isLate = context.signal.reason instanceof Failure && context.signal.reason.code === 'timeout';
      context.note(`not ready: ${said}${isLate ? await lastWarning([...seen.values()], context) : ''}`);
    }
    throw error;
  } finally {
    stop.abort();
    await watches.catch(() => undefined);
  }
  return [...seen.values()].filter(({ kind }) => kind === 'Pod');
}

/** One query for each kind and namespace; pods always, since they say what keeps a workload from being ready. */
function queriesFor(awaited: readonly KubernetesObject[]): { apiVersion: string; kind: string; namespace?: string }[] {
  const queries = awaited.flatMap(({ apiVersion, kind, metadata: { namespace } }) => {
    const where = namespace === undefined ? {} : { namespace };
    return [
      { apiVersion, kind, ...where },
      { apiVersion: 'v1', kind: 'Pod', ...where },
    ];
  });
  return [...new Map(queries.map((query) => [JSON.stringify(query), query])).values()];
}

async function checkWorkload(workload: KubernetesObject, context: Context): Promise<void> {
  const refused = conditionOf(workload, 'ReplicaFailure');
  if (refused !== undefined) {
    await tryPodOf(workload, context);
    throw new Failure('pod-failed', `${nameOf(workload)} cannot create its pods: ${refused.message ?? refused.reason}`);
  }
  const failed = workload.kind === 'Job' ? conditionOf(workload, 'Failed') : undefined;
  if (failed !== undefined) throw new Failure('pod-failed', `${nameOf(workload)} failed: ${failed.reason}: ${failed.message ?? ''}`);
}

/** The controller only passes on a text; asked for the same pod, the API server says itself whether an admission control refuses it, and which. */
async function tryPodOf(workload: KubernetesObject, { cluster, signal }: Context): Promise<void> {
  const { template } = workload.spec as { template: { metadata?: object; spec: object } };
  const { name, namespace } = workload.metadata;
  const pod = { ...template, apiVersion: 'v1', kind: 'Pod', metadata: { ...template.metadata, name: `${name}-check`, namespace } };
  try {
    await cluster.apply(pod as KubernetesObject, { dryRun: true }, signal);
  } catch (error) {
    if (error instanceof Failure && error.code === 'admission-denied') throw error;
  }
}

const HINTS: [RegExp, string][] = [
  [/Image|Registry/, 'Is the image named right, and can the nodes pull it (network, imagePullSecrets)?'],
  [/Unschedulable/, 'Make room on the nodes, or change what the pod asks for (resources, nodeSelector, tolerations).'],
  [/CreateContainer|RunContainer/, "See the pod's events with: kubectl describe pod"],
  [/./, 'See what the container said with: kubectl logs --previous'],
];

async function podFailure(pod: KubernetesObject, problem: Problem, { cluster, signal }: Context): Promise<Failure> {
  const event = await warningOf(pod, cluster, signal);
  const message = [problem.message, event].filter((text, index, all) => text !== undefined && text !== '' && all.indexOf(text) === index);
  return failureOf(pod, { ...problem, message: message.join('; ') });
}

function failureOf(pod: KubernetesObject, { reason, message }: Problem): Failure {
  const hint = HINTS.find(([form]) => form.test(reason))?.[1] ?? '';
  return new Failure('pod-failed', `${nameOf(pod)} is not getting ready: ${reason}${message === '' ? '' : `: ${message}`}`, { hint });
}

/** What the pod's last warning says; undefined where there is none, or nobody may read it. */
async function warningOf(pod: KubernetesObject, cluster: Context['cluster'], signal: AbortSignal): Promise<string | undefined> {
  const { name = '', namespace, uid } = pod.metadata;
  const fieldSelector = `involvedObject.kind=Pod,involvedObject.name=${name},type=Warning`;
  const query = { apiVersion: 'v1', kind: 'Event', fieldSelector, ...(namespace === undefined ? {} : { namespace }) };
  type Event = { message?: string; lastTimestamp?: string; eventTime?: string; involvedObject?: { uid?: string } };
  const events = (await cluster.list(query, signal).catch(() => [])) as unknown as Event[];
  const timeOf = ({ lastTimestamp, eventTime }: Event) => lastTimestamp ?? eventTime ?? '';
  return events
    .filter(({ involvedObject }) => involvedObject?.uid === undefined || involvedObject.uid === uid)
    .sort((a, b) => timeOf(a).localeCompare(timeOf(b)))
    .map(({ message = '' }) => message.trim())
    .filter((message) => message !== '' && !/^Error: \w+$/.test(message))
    .at(-1);
}

/** For a step whose time is up: why the first pod that is not ready is not. */
async function lastWarning(objects: readonly KubernetesObject[], { cluster }: Context): Promise<string> {
  const pod = objects.find((object) => object.kind === 'Pod' && readinessOf(object)?.isReady === false);
  const warning = pod && (await warningOf(pod, cluster, AbortSignal.timeout(LAST_QUESTION)));
  return warning === undefined ? '' : `: ${warning}`;
}

const keyOf = ({ kind, metadata }: KubernetesObject): string => `${kind} ${metadata.namespace}/${metadata.name}`;

/** "pod victim", "deployment web". */
const nameOf = ({ kind, metadata }: KubernetesObject): string => `${kind.toLowerCase()} ${metadata.name}`;
