// `open` and `check` of sources that stand in a file, a line each.
import type { AlertSource } from '../../ports/alerts.ts';
import { Failure } from '../../ports/failure.ts';
import type { AlertDraft } from './fields.ts';
import { followFile } from './file-follow.ts';
import { failedCheck } from './poll.ts';
import { pushed } from './pushed.ts';
import type { SourceWorld } from './source-type.ts';

/** `read` makes alerts of a line; a Failure that it throws is told as a gap. */
export function filedSource(
  identity: Pick<AlertSource, 'name' | 'product'>,
  path: string,
  { clock }: Pick<SourceWorld, 'clock'>,
  read: (line: string) => AlertDraft[],
): Pick<AlertSource, 'open' | 'check'> {
  return {
    async open({ since }, signal) {
      const queue = pushed(identity, clock, signal);
      let covered = since;
      const gap = (reason: string) => {
        queue.gap(covered, clock.now(), reason);
        covered = clock.now();
      };
      const line = (text: string, baseline: boolean) => {
        try {
          queue.alerts(read(text), baseline);
        } catch (error) {
          if (!(error instanceof Failure)) throw error;
          if (!baseline) gap(error.message);
        }
      };
      const heartbeat = (at: number) => {
        covered = Math.max(covered, at);
        queue.heartbeat(at);
      };
      await followFile(path, clock, { line, gap, heartbeat, fail: queue.fail }, signal);
      return queue.events;
    },
    async check(signal) {
      const ending = new AbortController();
      const ignore = () => {};
      let [lines, alerts] = [0, 0];
      const line = (text: string) => {
        lines++;
        try {
          alerts += read(text).length;
        } catch (error) {
          if (!(error instanceof Failure)) throw error;
        }
      };
      try {
        const watcher = { line, gap: ignore, heartbeat: ignore, fail: ignore };
        await followFile(path, clock, watcher, AbortSignal.any([signal, ending.signal]));
        const message = `can be read: ${alerts} alerts in its last ${lines} lines`;
        return lines > 0 && alerts === 0
          ? [{ title: 'File', result: 'warning', message, hint: 'do the settings fit what stands in it?' }]
          : [{ title: 'File', result: 'ok', message }];
      } catch (error) {
        return [failedCheck('File', error)];
      } finally {
        ending.abort();
      }
    },
  };
}
