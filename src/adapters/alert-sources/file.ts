// A file to which something appends alerts, one JSON object a line.
import { isAbsolute } from 'node:path';
import { Failure } from '../../ports/failure.ts';
import { followFile } from './file-follow.ts';
import { alertsOf, type MappingSettings, mappingProblems, mappingSettings } from './mapping.ts';
import { failedCheck } from './poll.ts';
import { pushed } from './pushed.ts';
import { readJson } from './read-json.ts';
import { productSetting } from './settings.ts';
import { type CommonSettings, defineSource, identityOf, type SourceWorld } from './source-type.ts';

interface Settings extends CommonSettings, MappingSettings {
  path: string;
  product?: string;
}

export const file = defineSource<Settings>({
  type: 'file',
  summary: 'A file on this machine that grows by one JSON object a line.',
  schema: {
    required: ['path'],
    properties: {
      path: { type: 'string', minLength: 1, description: 'Absolute path of the file. It need not be there yet, but its folder must.' },
      product: productSetting,
      ...mappingSettings,
    },
  },
  proof: 'real software',
  proved: 'The tests append to, rotate and truncate real files; what stands in the lines is up to `format` and `fields`.',
  capabilities: ['process', 'file', 'network', 'audit'],
  window: 30_000,
  about: `Lines that are there when a run begins count as what was there before. The file may be rotated (renamed and made anew) or truncated; a line counts when its line end is there. Lines of more than 1 MiB, and such as are no JSON, are told as a gap.`,
  example: `name: falco-file
type: file
path: /var/log/falco/events.jsonl
product: falco
format: falco
`,
  problems: (settings) => [
    ...(isAbsolute(settings.path)
      ? []
      : [{ path: ['path'], message: '`path` must be absolute', hint: 'a checkout must not choose the file' }]),
    ...mappingProblems(settings),
  ],
  create(settings, world) {
    const identity = identityOf(file, settings, world, 'file');
    const { clock } = world;
    return {
      ...identity,
      async open({ since }, signal) {
        const queue = pushed(identity, clock, signal);
        let covered = since;
        const gap = (reason: string) => {
          queue.gap(covered, clock.now(), reason);
          covered = clock.now();
        };
        const line = (text: string, baseline: boolean) => {
          try {
            queue.alerts(alertsIn(text, settings, world), baseline);
          } catch (error) {
            if (!(error instanceof Failure)) throw error;
            if (!baseline) gap(error.message);
          }
        };
        const heartbeat = (at: number) => {
          covered = Math.max(covered, at);
          queue.heartbeat(at);
        };
        await followFile(settings.path, clock, { line, gap, heartbeat, fail: queue.fail }, signal);
        return queue.events;
      },
      async check(signal) {
        const ending = new AbortController();
        const counts = { lines: 0, alerts: 0 };
        const line = (text: string) => {
          counts.lines++;
          try {
            counts.alerts += alertsIn(text, settings, world).length;
          } catch (error) {
            if (!(error instanceof Failure)) throw error;
          }
        };
        const ignore = () => {};
        try {
          await followFile(
            settings.path,
            clock,
            { line, gap: ignore, heartbeat: ignore, fail: ignore },
            AbortSignal.any([signal, ending.signal]),
          );
          const message = `can be read: ${counts.alerts} alerts in its last ${counts.lines} lines`;
          return counts.lines > 0 && counts.alerts === 0
            ? [{ title: 'File', result: 'warning', message, hint: 'do `format` and `fields` fit what stands in it?' }]
            : [{ title: 'File', result: 'ok', message }];
        } catch (error) {
          return [failedCheck('File', error)];
        } finally {
          ending.abort();
        }
      },
    };
  },
});

const alertsIn = (text: string, settings: MappingSettings, world: SourceWorld) =>
  text.trim() === '' ? [] : alertsOf(readJson(text, 'a line of the file'), settings, world);
