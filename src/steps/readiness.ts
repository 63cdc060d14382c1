// Whether an object is ready to be used, and what keeps a pod from it: read from its status alone.
import type { KubernetesObject } from '../ports/cluster.ts';

export interface Readiness {
  isReady: boolean;
  /** How far it is, e.g. "ContainerCreating" or "1 of 2 replicas". */
  text: string;
}

/** Why a pod will not become ready. */
export interface Problem {
  reason: string;
  message: string;
}

interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}

interface ContainerStatus {
  name: string;
  state?: {
    waiting?: { reason?: string; message?: string };
    terminated?: { exitCode: number; reason?: string; message?: string };
  };
}

interface Status {
  phase?: string;
  reason?: string;
  message?: string;
  conditions?: Condition[];
  initContainerStatuses?: ContainerStatus[];
  containerStatuses?: ContainerStatus[];
  observedGeneration?: number;
  readyReplicas?: number;
  desiredNumberScheduled?: number;
  numberReady?: number;
  ready?: number;
  succeeded?: number;
}

interface Spec {
  replicas?: number;
  parallelism?: number;
  completions?: number;
  restartPolicy?: string;
  selector?: { matchLabels?: Record<string, string> };
}

const statusOf = (object: KubernetesObject): Status => (object.status ?? {}) as Status;
const specOf = (object: KubernetesObject): Spec => (object.spec ?? {}) as Spec;

/** The condition of this type that says True. */
export const conditionOf = (object: KubernetesObject, type: string): Condition | undefined =>
  statusOf(object).conditions?.find((each) => each.type === type && each.status === 'True');

/**
 * How far an object is, as `kubectl rollout status` and `kubectl wait` judge it; undefined for kinds that are ready once they exist.
 * A pod whose program has ended well counts as ready, and so does a job whose pods are up.
 */
export function readinessOf(object: KubernetesObject): Readiness | undefined {
  const { replicas = 1, parallelism = 1, completions = parallelism } = specOf(object);
  const status = statusOf(object);
  // Until its controller has seen it, the numbers are those of before.
  const isSeen = (status.observedGeneration ?? 0) >= Number(object.metadata.generation ?? 0);
  const counted = (ready: number, wanted: number, what: string): Readiness => ({
    isReady: isSeen && ready >= wanted,
    text: `${ready} of ${wanted} ${what} ready`,
  });
  switch (object.kind) {
    case 'Pod':
      return { isReady: conditionOf(object, 'Ready') !== undefined || status.phase === 'Succeeded', text: podStateOf(object) };
    case 'Deployment':
    case 'ReplicaSet':
    case 'StatefulSet':
      return counted(status.readyReplicas ?? 0, replicas, 'replicas');
    case 'DaemonSet':
      // It has no number of its own before its controller has counted the nodes.
      return status.desiredNumberScheduled === undefined
        ? { isReady: false, text: 'not counted yet' }
        : counted(status.numberReady ?? 0, status.desiredNumberScheduled, 'pods');
    case 'Job': {
      if (conditionOf(object, 'Complete') !== undefined) return { isReady: true, text: 'complete' };
      const done = (status.ready ?? 0) + (status.succeeded ?? 0);
      const wanted = Math.min(parallelism, completions);
      return { isReady: done >= wanted, text: `${done} of ${wanted} pods ready` };
    }
    default:
      return undefined;
  }
}

/** Whether a workload's pods are told apart by these labels. */
export function selects(workload: KubernetesObject, labels: Readonly<Record<string, string>> = {}): boolean {
  const wanted = Object.entries(specOf(workload).selector?.matchLabels ?? {});
  return wanted.length > 0 && wanted.every(([name, value]) => labels[name] === value);
}

/** What a container waits for; reasons that kubelet does not get over without help (kubernetes/pkg/kubelet/images, kuberuntime). */
const STUCK = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'ImageInspectError',
  'RegistryUnavailable',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
]);

/**
 * Why the pod will not become ready, or undefined. `retried`: something (a job) starts another pod where this one ends, so that the end of a
 * container is no verdict yet.
 */
export function problemOf(pod: KubernetesObject, { retried }: { retried: boolean }): Problem | undefined {
  const { phase, reason, message = '' } = statusOf(pod);
  const { restartPolicy = 'Always' } = specOf(pod);
  for (const { name, state } of containersOf(pod)) {
    const { waiting, terminated } = state ?? {};
    if (waiting?.reason !== undefined && (STUCK.has(waiting.reason) || (waiting.reason === 'CrashLoopBackOff' && !retried)))
      return { reason: waiting.reason, message: waiting.message ?? '' };
    if (terminated !== undefined && terminated.exitCode !== 0 && restartPolicy === 'Never' && !retried)
      return { reason: terminated.reason ?? 'Error', message: exitText(name, terminated) };
  }
  if (phase === 'Failed' && !retried) return { reason: reason ?? 'Failed', message };
  return undefined;
}

function exitText(name: string, { exitCode, message = '' }: { exitCode: number; message?: string }): string {
  return `container ${name} ended with exit code ${exitCode}${message === '' ? '' : `: ${message.trim()}`}`;
}

/** What the scheduler says of a pod that it finds no node for. It may still find one: an autoscaler may bring it. */
export function unschedulable(pod: KubernetesObject): Problem | undefined {
  const found = statusOf(pod).conditions?.find(
    (each) => each.type === 'PodScheduled' && each.status === 'False' && each.reason === 'Unschedulable',
  );
  return found && { reason: 'Unschedulable', message: found.message ?? '' };
}

/** A pod's state in a word or two, as kubectl shows it. */
function podStateOf(pod: KubernetesObject): string {
  if (pod.metadata.deletionTimestamp !== undefined) return 'Terminating';
  const waiting = containersOf(pod).find(({ state }) => state?.waiting?.reason !== undefined)?.state?.waiting?.reason;
  const { phase = 'Pending' } = statusOf(pod);
  return (
    waiting ??
    unschedulable(pod)?.reason ??
    (phase === 'Running' && conditionOf(pod, 'Ready') === undefined ? 'running, but not ready' : phase)
  );
}

const containersOf = (pod: KubernetesObject): ContainerStatus[] => {
  const { initContainerStatuses = [], containerStatuses = [] } = statusOf(pod);
  return [...initContainerStatuses, ...containerStatuses];
};
