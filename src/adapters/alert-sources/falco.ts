// Falco: the logs of its pods, or what it posts to this machine.
import { Failure } from '../../ports/failure.ts';
import { falcoAlert, saysThatItLost } from './falco-alert.ts';
import { isJson, listOf } from './fields.ts';
import { type ListenSettings, listenSettings } from './listener.ts';
import { loggedSource, type ReadLine } from './logged.ts';
import type { PodLogs } from './pod-logs.ts';
import { readJson } from './read-json.ts';
import { receivedSource } from './received.ts';
import { secretSetting } from './settings.ts';
import { type CommonSettings, defineSource, identityOf } from './source-type.ts';

interface Settings extends CommonSettings, ListenSettings, Partial<PodLogs> {
  via?: 'logs' | 'receiver';
}

/** Where Falco's Helm chart puts it. */
export const LOGS: PodLogs = { namespace: 'falco', labelSelector: 'app.kubernetes.io/name=falco', container: 'falco' };
const text = { type: 'string', minLength: 1 } as const;
const LOG_KEYS = ['namespace', 'labelSelector', 'container'] as const;
const LISTEN_KEYS = ['port', 'token', 'hosts'] as const;

export const falco = defineSource<Settings>({
  type: 'falco',
  summary: 'Falco, by the logs of its pods or by a receiver for its `http_output` and for Falcosidekick.',
  schema: {
    properties: {
      via: {
        enum: ['logs', 'receiver'],
        default: 'logs',
        description: '`logs` follows the logs of its pods; `receiver` waits for what it posts to this machine.',
      },
      namespace: { ...text, default: LOGS.namespace, description: 'Namespace of its pods.' },
      labelSelector: { ...text, default: LOGS.labelSelector, description: 'Labels of its pods.' },
      container: { ...text, default: LOGS.container, description: 'Container whose log holds the alerts.' },
      ...listenSettings,
      token: secretSetting(listenSettings.token.description),
    },
  },
  proof: 'published API description',
  proved: "The tests use the payloads of Falco's documentation, and a cluster in memory.",
  capabilities: ['process', 'file', 'network'],
  window: 30_000,
  about: `Falco must write JSON: \`falco.json_output=true\` in its Helm chart, and \`tty: true\` so that lines are not held back. To have alerts carry the run id whatever the rule prints, let it add the command line and the environment: \`append_output: [{extra_fields: [proc.cmdline, proc.env, container.id, k8s.ns.name, k8s.pod.name]}]\`.

By default the cluster of the command is asked for the logs. With \`via: receiver\` sim listens on 127.0.0.1; \`http_output.url\` of Falco, or the \`webhook.address\` of Falcosidekick, is the address that a run prints. Until a first alert has come that way, an alert that does not come counts as unverified and not as missed.

An alert \`Falco internal: syscall event drop\` tells that events were lost, and is taken as a gap. Falco loads its stable rules unless told otherwise; alerts of incubating and sandbox rules cannot come then. Say \`capabilities: [process, file, network, audit]\` where the k8saudit plugin is set up.`,
  example: `name: falco
type: falco
namespace: falco
`,
  problems: (settings) => {
    const foreign = settings.via === 'receiver' ? LOG_KEYS : LISTEN_KEYS;
    return foreign
      .filter((key) => settings[key] !== undefined)
      .map((key) => ({ path: [key], message: `\`${key}\` means nothing with \`via: ${settings.via ?? 'logs'}\`` }));
  },
  create(settings, world) {
    const identity = identityOf(falco, settings, world, 'falco');
    if (settings.via === 'receiver') return { ...identity, ...receivedSource(identity, settings, world, posted) };
    return { ...identity, ...loggedSource(identity, { ...LOGS, ...settings }, world, readLine) };
  },
});

const NO_JSON = {
  why: 'Falco writes its alerts as text, which cannot be read with certainty: set json_output: true',
  hint: 'helm upgrade falco --set falco.json_output=true',
};

function readLine(line: string): ReadLine {
  const read = lineOf(line);
  if (read === 'text') return { alerts: [], unreadable: NO_JSON };
  if (read === undefined) return { alerts: [] };
  return { alerts: [read], ...(saysThatItLost(read) ? { lost: `Falco lost events: ${read.name}` } : {}) };
}

const TEXT_ALERT = /^\d\d:\d\d:\d\d\.\d{9}: (Emergency|Alert|Critical|Error|Warning|Notice|Informational|Debug) /i;

/** A line of the log: an alert, an alert as text, or something else. */
export function lineOf(line: string): ReturnType<typeof falcoAlert> | 'text' {
  if (TEXT_ALERT.test(line)) return 'text';
  if (!line.startsWith('{')) return undefined;
  try {
    const item = readJson(line, 'a line of the log');
    return isJson(item) ? falcoAlert(item) : undefined;
  } catch (error) {
    // A line that the runtime has cut.
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

/** One alert, or several. Throws Failure for a body that holds something else. */
function posted(body: unknown) {
  return (Array.isArray(body) ? listOf(body) : [body]).map((item) => {
    const alert = isJson(item) ? falcoAlert(item) : undefined;
    if (alert === undefined) throw new Failure('invalid', 'this is no alert of Falco: is json_output on?');
    return alert;
  });
}
