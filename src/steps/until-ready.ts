// Waits until created objects are ready, by watching them, and fails as soon as it is known that they will not be.
import type { KubernetesObject, ObjectQuery, WatchEvent } from '../ports/cluster.ts';
import { Failure } from '../ports/failure.ts';
import { conditionOf, type Problem, problemOf, readinessOf, selects, unschedulable } from './readiness.ts';
import type { StepContext } from './step.ts';

interface Event {
  message?: string;
  lastTimestamp?: string;
  eventTime?: string;
  involvedObject?: { kind?: string; name?: string; uid?: string };
}

interface WorkloadSpec {
  template: { metadata?: object; spec: { volumes?: object[] } };
  volumeClaimTemplates?: { metadata: { name: string } }[];
}

type Context = Pick<StepContext, 'cluster' | 'clock' | 'signal' | 'say' | 'note'>;

/**
 * How long a pod may be without a node (an autoscaler, or a pod that just ends, may yet make room), and a workload without any pod (the
 * service account that it needs may just be coming).
 */
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
  const doomed = new Map<string, AbortController>();
  const finished = Promise.withResolvers<void>();
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  let said = '';

  const ownersOf = (pod: KubernetesObject) => workloads.filter((workload) => selects(workload, pod.metadata.labels));
  const isOurs = (pod: KubernetesObject) => awaited.some((object) => keyOf(object) === keyOf(pod)) || ownersOf(pod).length > 0;

  /** Fails unless the time of grace changes something: `verdict` is asked at its end. */
  const condemn = (key: string, verdict: () => Failure | undefined) => {
    if (doomed.has(key)) return;
    const pardon = new AbortController();
    doomed.set(key, pardon);
    const judge = () => {
      doomed.delete(key);
      const failure = verdict();
      if (failure !== undefined) finished.reject(failure);
    };
    context.clock.sleep(GRACE, AbortSignal.any([signal, pardon.signal])).then(judge, () => undefined);
  };

  const checkPod = async (pod: KubernetesObject) => {
    const problem = problemOf(pod, { retried: ownersOf(pod).some(({ kind }) => kind === 'Job') });
    if (problem !== undefined) throw await podFailure(pod, problem, context);
    const key = keyOf(pod);
    const shortage = unschedulable(pod);
    if (shortage === undefined) {
      doomed.get(key)?.abort();
      doomed.delete(key);
    } else condemn(key, () => failureOf(seen.get(key) ?? pod, unschedulable(seen.get(key) ?? pod) ?? shortage));
  };

  /** An admission control that refuses the pods is a failure at once; anything else may pass, and counts where no pod comes. */
  const checkCreation = async (workload: KubernetesObject, message: string) => {
    await tryPodOf(workload, context);
    const key = keyOf(workload);
    condemn(key, () => {
      const latest = seen.get(key) ?? workload;
      const hasPods = [...seen.values()].some(({ kind, metadata }) => kind === 'Pod' && selects(latest, metadata.labels));
      if (hasPods || readinessOf(latest)?.isReady === true) return undefined;
      return new Failure('pod-failed', `${nameOf(workload)} cannot create its pods: ${message}`);
    });
  };

  const checkWorkload = async (workload: KubernetesObject) => {
    // What a Deployment's events do not say: they are those of its ReplicaSet.
    const refused = conditionOf(workload, 'ReplicaFailure');
    if (refused !== undefined) await checkCreation(workload, refused.message ?? refused.reason ?? '');
    const failed = workload.kind === 'Job' ? conditionOf(workload, 'Failed') : undefined;
    if (failed !== undefined) throw new Failure('pod-failed', `${nameOf(workload)} failed: ${failed.reason}: ${failed.message ?? ''}`);
  };

  const takeEvent = async ({ type, object }: WatchEvent) => {
    if (type === 'DELETED' || object === undefined) return;
    const { involvedObject: about, message = '' } = object as unknown as Event;
    const workload = workloads.find(
      ({ kind, metadata: { name, uid } }) =>
        kind === about?.kind && name === about.name && (about.uid === undefined || uid === undefined || about.uid === uid),
    );
    if (workload !== undefined) await checkCreation(workload, message.replace(/^Error creating: /, ''));
  };

  const take = async ({ type, object }: WatchEvent) => {
    if (object !== undefined) {
      const isAwaited = awaited.some((each) => keyOf(each) === keyOf(object));
      if (object.kind === 'Pod' ? !isOurs(object) : !isAwaited) return;
      if (type === 'DELETED' && isAwaited) throw new Failure('pod-failed', `${nameOf(object)} was deleted while it was awaited`);
      if (type === 'DELETED') seen.delete(keyOf(object));
      else seen.set(keyOf(object), object);
      if (type !== 'DELETED' && object.kind === 'Pod') await checkPod(object);
      if (object.kind !== 'Pod') await checkWorkload(object);
    }
    const missing = awaited.map((each) => seen.get(keyOf(each)) ?? each).filter((each) => readinessOf(each)?.isReady !== true);
    if (missing.length === 0) finished.resolve();
    const text = missing.map((each) => `${nameOf(each)} (${readinessOf(each)?.text})`).join(', ');
    if (text !== said && text !== '') context.say(`waiting for ${text}`);
    said = text;
  };

  const follow = async (query: ObjectQuery, hear: (event: WatchEvent) => Promise<void>) => {
    for await (const event of context.cluster.watch(query, signal)) await hear(event);
  };
  const watches = Promise.all([
    ...queriesFor(awaited).map((query) => follow(query, take)),
    ...refusalsOf(workloads).map((query) => follow(query, takeEvent).catch(unlessForbidden)),
  ]);
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
function queriesFor(awaited: readonly KubernetesObject[]): ObjectQuery[] {
  const queries = awaited.flatMap(({ apiVersion, kind, metadata: { namespace } }) => {
    const where = namespace === undefined ? {} : { namespace };
    return [
      { apiVersion, kind, ...where },
      { apiVersion: 'v1', kind: 'Pod', ...where },
    ];
  });
  return [...new Map(queries.map((query) => [JSON.stringify(query), query])).values()];
}

/** Events in which a controller says that it could not create a pod. */
function refusalsOf(workloads: readonly KubernetesObject[]): ObjectQuery[] {
  const namespaces = [...new Set(workloads.map(({ metadata }) => metadata.namespace))];
  return namespaces.map((namespace) => ({
    apiVersion: 'v1',
    kind: 'Event',
    fieldSelector: 'reason=FailedCreate',
    ...(namespace === undefined ? {} : { namespace }),
  }));
}

/** Who may not read events learns later what is wrong, but waits as well. */
function unlessForbidden(error: unknown): void {
  if (!(error instanceof Failure && error.code === 'forbidden')) throw error;
}

/** The controller only passes on a text; asked for the same pod, the API server says itself whether an admission control refuses it, and which. */
async function tryPodOf(workload: KubernetesObject, { cluster, signal }: Context): Promise<void> {
  const { template, volumeClaimTemplates = [] } = workload.spec as WorkloadSpec;
  const { name, namespace } = workload.metadata;
  // As a StatefulSet's controller adds them.
  const claimed = volumeClaimTemplates.map(({ metadata }) => ({
    name: metadata.name,
    persistentVolumeClaim: { claimName: metadata.name },
  }));
  const spec = { ...template.spec, ...(claimed.length === 0 ? {} : { volumes: [...(template.spec.volumes ?? []), ...claimed] }) };
  const pod = { ...template, apiVersion: 'v1', kind: 'Pod', metadata: { ...template.metadata, name: `${name}-check`, namespace }, spec };
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
