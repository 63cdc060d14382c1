// Whether a program in a pod was killed by somebody else, and not for want of memory: then a control stopped it.
import type { ExecResult, KubernetesObject, PodReference } from '../ports/cluster.ts';
import type { Prevention, StepContext } from './step.ts';

/** 128 and the number of SIGKILL: how a shell, and a container runtime, tell of it (POSIX sh, exit status). */
const KILLED = 128 + 9;
/** A text that kills by itself, or lets somebody: nothing is proved by its being killed. */
const KILLS = /\b(kill|pkill|killall|skill|timeout|fuser|exit)\b/;
/** cgroup v2, and v1: each has a line "oom_kill N", which counts every kind of OOM killer (docs.kernel.org, cgroup-v2 and cgroup-v1/memory). */
const COUNTERS = ['/sys/fs/cgroup/memory.events', '/sys/fs/cgroup/memory/memory.oom_control'];
const LOOK_LIMIT = 5000;

interface ContainerStatus {
  name: string;
  restartCount?: number;
  lastState?: { terminated?: object };
}

/**
 * What killed the program, where that can be told: it ended by SIGKILL, `text` (what ran) kills nothing itself, its container has not started anew,
 * and the kernel has killed nothing in it for want of memory. Undefined in all other cases; never throws.
 */
export async function killedByAnother(
  { cluster, signal }: Pick<StepContext, 'cluster' | 'signal'>,
  pod: PodReference,
  text: string,
  { exitCode }: ExecResult,
): Promise<Prevention | undefined> {
  if (exitCode !== KILLED || KILLS.test(text)) return undefined;
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(LOOK_LIMIT)]);
    // cat fails for the one that is not there.
    const { stdout } = await cluster.exec(pod, ['cat', ...COUNTERS], { signal: limit });
    const object = await cluster.get({ apiVersion: 'v1', kind: 'Pod', namespace: pod.namespace, name: pod.name }, limit);
    const counted = /^oom_kill (\d+)$/m.exec(stdout)?.[1];
    if (counted !== '0' || object === undefined || hasStartedAnew(object, pod)) return undefined;
    return { by: 'something that killed its process', evidence: 'SIGKILL (exit code 137), and the container was not out of memory' };
  } catch {
    return undefined;
  }
}

function hasStartedAnew({ status }: KubernetesObject, { container }: PodReference): boolean {
  const { containerStatuses = [] } = (status ?? {}) as { containerStatuses?: ContainerStatus[] };
  const asked = containerStatuses.filter(({ name }) => container === undefined || name === container);
  return asked.length === 0 || asked.some(({ restartCount = 0, lastState }) => restartCount > 0 || lastState?.terminated !== undefined);
}
