// Follows a container's log for as long as its pod is there, however often the connection breaks.
import type { Clock } from '../../ports/clock.ts';
import type { Cluster, LogOptions, PodReference } from '../../ports/cluster.ts';
import { Failure, type FailureCode } from '../../ports/failure.ts';

/** A connection on which no line comes for so long is dead: a sensor's heartbeat comes every second. */
const DEAD = 5000;
const TICK = 1000;
const LONGEST_PAUSE = 2000;

/** No waiting helps. */
const PERMANENT: readonly FailureCode[] = ['configuration', 'unauthorized', 'forbidden', 'invalid'];

export interface LogReader {
  /** From where the log is read when a connection is made. */
  from(): Pick<LogOptions, 'sinceSeconds' | 'sinceTime'>;
  line(text: string): void;
  /** The log was asked for at `sent`, and its first line has come. */
  answered(sent: number): void;
}

/** Resolves with the signal. Throws Failure where no waiting helps. */
export async function followLog(cluster: Cluster, clock: Clock, pod: PodReference, reader: LogReader, signal: AbortSignal): Promise<void> {
  let fruitless = 0;
  while (!signal.aborted) {
    const cut = new AbortController();
    const sent = clock.now();
    let latest = sent;
    const watchdog = every(clock, TICK, AbortSignal.any([signal, cut.signal]), () => {
      if (clock.now() - latest > DEAD) cut.abort();
    });
    try {
      let first = true;
      for await (const text of cluster.logs(pod, { follow: true, ...reader.from(), signal: AbortSignal.any([signal, cut.signal]) })) {
        latest = clock.now();
        if (first) reader.answered(sent);
        first = false;
        fruitless = 0;
        reader.line(text);
      }
    } catch (error) {
      if (!signal.aborted && !(error instanceof Failure && !PERMANENT.includes(error.code))) throw error;
    } finally {
      cut.abort();
      await watchdog;
    }
    await clock.sleep(Math.min(100 * 2 ** fruitless++, LONGEST_PAUSE), signal).catch(() => undefined);
  }
}

/** Does something again and again until the signal. */
export async function every(clock: Clock, interval: number, signal: AbortSignal, work: () => void): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(interval, signal).catch(() => undefined);
    if (!signal.aborted) work();
  }
}
