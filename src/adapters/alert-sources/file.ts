// A file to which something appends alerts, one JSON object a line.
import { isAbsolute } from 'node:path';
import type { AlertDraft } from './fields.ts';
import { filedSource } from './filed.ts';
import { alertsOf, type MappingSettings, mappingProblems, mappingSettings } from './mapping.ts';
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
    return { ...identity, ...filedSource(identity, settings.path, world, (line) => alertsIn(line, settings, world)) };
  },
});

/** The alerts of one line of JSON. Throws Failure server-error for what is none. */
const alertsIn = (line: string, settings: MappingSettings, world: SourceWorld): AlertDraft[] =>
  line.trim() === '' ? [] : alertsOf(readJson(line, 'a line of the file'), settings, world);
