// `open` and `check` of sources that stand in the logs of pods.
import type { AlertSource } from '../../ports/alerts.ts';
import type { AlertDraft } from './fields.ts';
import { followPods, type PodLogs } from './pod-logs.ts';
import { failedCheck } from './poll.ts';
import { pushed } from './pushed.ts';
import type { SourceWorld } from './source-type.ts';

/** What a line of a log is. */
export interface ReadLine {
  alerts: AlertDraft[];
  /** That the product says it lost something. */
  lost?: string;
  /** Why alerts cannot be read here, with what to do. */
  unreadable?: { why: string; hint: string };
}

export function loggedSource(
  identity: Pick<AlertSource, 'name' | 'product'>,
  which: PodLogs,
  world: SourceWorld,
  read: (line: string) => ReadLine,
): Pick<AlertSource, 'open' | 'check'> {
  const { clock } = world;
  return {
    async open({ since }, signal) {
      const queue = pushed(identity, clock, signal);
      let beat = since;
      const watcher = {
        ...queue,
        line(text: string, baseline: boolean) {
          const { alerts, lost, unreadable } = read(text);
          const reason = lost ?? unreadable?.why;
          // What a line tells of has happened before it.
          if (reason !== undefined && !baseline) queue.gap(Math.min(beat, clock.now() - 1000), clock.now(), reason);
          queue.alerts(alerts, baseline);
        },
        heartbeat(at: number) {
          beat = at;
          queue.heartbeat(at);
        },
      };
      await followPods(await world.cluster(), which, since, clock, watcher, signal);
      return queue.events;
    },
    async check(signal) {
      const ending = new AbortController();
      const ignore = () => {};
      let alerts = 0;
      let unreadable: ReadLine['unreadable'];
      const line = (text: string, baseline: boolean) => {
        if (!baseline) return;
        const found = read(text);
        alerts += found.alerts.length;
        unreadable ??= found.unreadable;
      };
      try {
        const watcher = { line, heartbeat: ignore, gap: ignore, fail: ignore };
        await followPods(await world.cluster(), which, clock.now(), clock, watcher, AbortSignal.any([signal, ending.signal]));
        if (unreadable !== undefined) return [{ title: 'Logs', result: 'failed', message: unreadable.why, hint: unreadable.hint }];
        return [{ title: 'Logs', result: 'ok', message: `can be read: ${alerts} alerts in their last lines` }];
      } catch (error) {
        if (signal.aborted) throw error;
        return [failedCheck('Logs', error)];
      } finally {
        ending.abort();
      }
    },
  };
}
