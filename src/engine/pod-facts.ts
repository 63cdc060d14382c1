// How pods and their containers are, and their events: what became of them, not what they were given, which may be secret.
import type { Cluster, KubernetesObject } from '../ports/cluster.ts';
import type { KnownPod } from './events.ts';

const MOST_PODS = 50;
const MOST_EVENTS = 200;
const LONGEST_TEXT = 2048;

/** Of the namespace and of those others. Throws Failure where its pods may not be listed. */
export async function podFacts(cluster: Cluster, namespace: string, others: readonly KnownPod[], signal: AbortSignal) {
  const foreign = others.filter((pod) => pod.namespace !== namespace).slice(0, MOST_PODS);
  const [own, events, ...rest] = await Promise.all([
    cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace }, signal),
    eventsOf({ namespace }, cluster, signal),
    ...foreign.map(async ({ namespace: place, name }) => ({
      pod: await cluster.get({ apiVersion: 'v1', kind: 'Pod', namespace: place, name }, signal).catch(() => undefined),
      events: await eventsOf({ namespace: place, fieldSelector: `involvedObject.name=${name}` }, cluster, signal),
    })),
  ]);
  const pods = [...own, ...rest.flatMap(({ pod }) => pod ?? [])].slice(0, MOST_PODS);
  return { pods: pods.map(podFact), events: [...events, ...rest.flatMap((each) => each.events)].slice(-MOST_EVENTS) };
}

const eventsOf = async (where: { namespace: string; fieldSelector?: string }, cluster: Cluster, signal: AbortSignal) =>
  (await cluster.list({ apiVersion: 'v1', kind: 'Event', ...where }, signal).catch(() => [])).map(eventFact);

function podFact({ metadata, spec, status }: KubernetesObject) {
  const { nodeName } = (spec ?? {}) as { nodeName?: string };
  const { phase, reason, message, conditions, initContainerStatuses, containerStatuses } = (status ?? {}) as Record<string, unknown>;
  const { namespace, name, uid, creationTimestamp, deletionTimestamp } = metadata;
  return short({
    ...{ namespace, name, uid, creationTimestamp, deletionTimestamp, node: nodeName },
    ...{ phase, reason, message, conditions, initContainerStatuses, containerStatuses },
  });
}

function eventFact(event: KubernetesObject) {
  const { type, reason, message, count, firstTimestamp, lastTimestamp, eventTime, involvedObject, source } = event;
  return short({ type, reason, message, count, firstTimestamp, lastTimestamp, eventTime, involvedObject, source });
}

/** Long texts cut. */
const short = (value: object): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, item) =>
      typeof item === 'string' && item.length > LONGEST_TEXT ? `${item.slice(0, LONGEST_TEXT)}...` : item,
    ),
  );
