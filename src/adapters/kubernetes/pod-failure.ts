// Why a container cannot be reached: the forms in which API server, kubelet and runtimes say it.
import type { PodReference } from '../../ports/cluster.ts';
import { Failure } from '../../ports/failure.ts';

const NOT_RUNNING = [
  /container not found \(/,
  /cannot exec (?:in|into) a (?:container in a completed|stopped|deleted)/,
  /does not have a host assigned/,
  /is waiting to start/,
  /container .* is (?:not running|terminated|in .* state)/,
  /pod .* not found in runtime|failed to get .* container.*not found|cannot exec in a (?:stopped|paused) state/,
];

/** The runtime's own words, at the start of what it says: a shell in the container that prints them does not count. */
const NO_PROGRAM = [
  /exec: \\?"([^"\\]+)\\?": (executable file not found in \$PATH|stat [^:]+: no such file or directory|no such file or directory|permission denied|is a directory)/,
  /executable file [`']([^`']+)[`'] (not found(?: in \$PATH)?)/,
];

/** "sim-1/victim (container web)". */
export function podName({ namespace, name, container }: PodReference): string {
  return `${namespace}/${name}${container === undefined ? '' : ` (container ${container})`}`;
}

/** The Failure behind a message that says that a container is not there (to run in, or to read from); undefined for other messages. */
export function notRunning(action: string, message: string): Failure | undefined {
  if (!NOT_RUNNING.some((form) => form.test(message))) return undefined;
  return new Failure('pod-failed', `${action}: the container is not running: ${message}`, { hint: 'See why with: kubectl describe pod' });
}

/** The Failure behind a message in which a runtime (runc, crun) says that it found no program to start; undefined for others. */
export function noProgram(pod: PodReference, message: string): Failure | undefined {
  for (const form of NO_PROGRAM) {
    const found = form.exec(message);
    if (!found) continue;
    const [, program, why] = found;
    const text = why === 'permission denied' || why === 'is a directory' ? `cannot be run: ${why}` : 'does not exist';
    return new Failure('command-not-found', `"${program}" ${text} in ${podName(pod)}`, { hint: 'Use an image that has the program.' });
  }
  return undefined;
}

/** True for output that is a runtime's, not a program's: some runtimes answer a missing program with an exit code and this text. */
export function isRuntimeOutput(output: string): boolean {
  return /^(?:OCI runtime exec failed|error: exec failed|(?:time=\S+ level=error msg=")?exec failed: unable to start container process|crun: )/.test(
    output,
  );
}
