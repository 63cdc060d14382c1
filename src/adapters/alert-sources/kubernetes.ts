// What Kubernetes itself tells: its events, the API server's audit log, and the logs of any pods.
import { isAbsolute } from 'node:path';
import { Failure } from '../../ports/failure.ts';
import { type AlertDraft, isJson } from './fields.ts';
import { filedSource } from './filed.ts';
import { type AuditRule, auditAlerts, eventAlert } from './kubernetes-event.ts';
import { loggedSource } from './logged.ts';
import { alertsOf, type MappingSettings, mappingProblems, mappingSettings } from './mapping.ts';
import type { PodLogs } from './pod-logs.ts';
import { readJson } from './read-json.ts';
import { productSetting } from './settings.ts';
import { type CommonSettings, defineSource, identityOf, type SettingProblem } from './source-type.ts';
import { watchedEvents } from './watched-events.ts';

interface Settings extends CommonSettings, Partial<PodLogs>, MappingSettings {
  from: 'events' | 'audit' | 'logs';
  product?: string;
  types?: ('Normal' | 'Warning')[];
  reasons?: string[];
  path?: string;
  rules?: AuditRule[];
}

const text = { type: 'string', minLength: 1 } as const;

/** Which settings belong to what. */
const USES: Readonly<Record<Settings['from'], readonly (keyof Settings)[]>> = {
  events: ['namespace', 'types', 'reasons'],
  audit: ['path', 'rules', 'namespace', 'labelSelector', 'container'],
  logs: ['namespace', 'labelSelector', 'container', 'format', 'items', 'fields'],
};
const LOG_KEYS = ['namespace', 'labelSelector', 'container'] as const;

export const kubernetes = defineSource<Settings>({
  type: 'kubernetes',
  summary: "The cluster's own events, its audit log, or the logs of pods that write JSON.",
  schema: {
    required: ['from'],
    properties: {
      from: {
        enum: ['events', 'audit', 'logs'],
        description: '`events`: objects of kind Event; `audit`: the audit log in a file or in the log of pods; `logs`: JSON lines of pods.',
      },
      product: productSetting,
      namespace: { ...text, description: 'Namespace of the pods; for events: only those about objects of this namespace.' },
      labelSelector: { ...text, description: 'Labels of the pods whose logs are read.' },
      container: { ...text, description: 'Container whose log is read.' },
      types: {
        type: 'array',
        minItems: 1,
        uniqueItems: true,
        items: { enum: ['Normal', 'Warning'] },
        default: ['Warning'],
        description: 'Types of events that are told.',
      },
      reasons: { type: 'array', minItems: 1, uniqueItems: true, items: text, description: 'Only events with one of these reasons.' },
      path: { ...text, description: 'Absolute path of an audit log on this machine.' },
      rules: {
        type: 'array',
        minItems: 1,
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['name', 'when'],
          properties: {
            name: { ...text, description: 'Name of the alert.' },
            when: {
              ...text,
              'x-expression': 'cel',
              'x-variables': ['event'],
              description: 'Whether an audit event is one, in CEL over `event`.',
            },
            type: { ...text, description: 'Type id of the alert.' },
            severity: { enum: ['informational', 'low', 'medium', 'high', 'critical'], description: 'How grave it is.' },
            techniques: { type: 'array', items: { ...text }, description: 'Ids of ATT&CK techniques.' },
          },
        },
        description: 'What in the audit log counts as an alert.',
      },
      ...mappingSettings,
    },
  },
  proof: 'real software',
  proved: 'The tests read events and logs of a real cluster; audit events and those of Tetragon have their published shapes.',
  capabilities: ['audit'],
  window: 30_000,
  about: `An event's name is its reason, such as \`PolicyViolation\` of Kyverno or \`FailedCreate\`; the cluster folds repetitions into one event with a count, and keeps them for an hour unless set otherwise.

The audit log is read in the form \`audit.k8s.io/v1\`, one JSON object a line, as the log backend of the API server writes it. Managed clusters (AKS, EKS, GKE) give no access to it but by their own logging.`,
  example: `name: audit
type: kubernetes
from: audit
namespace: kube-system
labelSelector: app=audit-log
container: tail
rules:
  - name: Exec into a pod
    when: event.verb in ['create', 'get'] && event.objectRef.resource == 'pods' && event.objectRef.subresource == 'exec'
    severity: medium
    techniques: [T1609]
`,
  recipes: [
    {
      product: 'Tetragon',
      about:
        'Tetragon writes events and not alerts: a match of one of your tracing policies counts as an alert here, by the name of the policy.',
      example: `name: tetragon
type: kubernetes
from: logs
product: tetragon
namespace: kube-system
labelSelector: app.kubernetes.io/name=tetragon
container: export-stdout
capabilities: [process, file, network]
items: "[body].filter(event, 'process_kprobe' in event || 'process_lsm' in event)"
fields:
  name: "('process_kprobe' in item ? item.process_kprobe : item.process_lsm).policy_name"
  type: "('process_kprobe' in item ? item.process_kprobe : item.process_lsm).function_name"
  first: item.time
  generated: item.time
  node: item.node_name
  namespace: "('process_kprobe' in item ? item.process_kprobe : item.process_lsm).process.pod.namespace"
  pod: "('process_kprobe' in item ? item.process_kprobe : item.process_lsm).process.pod.name"
  container: "('process_kprobe' in item ? item.process_kprobe : item.process_lsm).process.pod.container.name"
  containerId: "('process_kprobe' in item ? item.process_kprobe : item.process_lsm).process.pod.container.id"
  image: "('process_kprobe' in item ? item.process_kprobe : item.process_lsm).process.pod.container.image.name"
  commandLines: "[('process_kprobe' in item ? item.process_kprobe : item.process_lsm)].map(seen, seen.process.binary + ' ' + seen.process.arguments)"
`,
    },
  ],
  problems: settingProblems,
  create(settings, world) {
    const identity = identityOf(kubernetes, settings, world, 'kubernetes');
    const { namespace = '', labelSelector = '', container = '', path, rules = [] } = settings;
    if (settings.from === 'events') return { ...identity, ...watchedEvents(identity, settings.namespace, world, eventReader(settings)) };
    const read =
      settings.from === 'audit'
        ? (line: string) => ofLine(line, (body) => (isJson(body) ? auditAlerts(body, rules, world) : []))
        : (line: string) => ofLine(line, (body) => alertsOf(body, settings, world));
    if (path !== undefined) return { ...identity, ...filedSource(identity, path, world, read) };
    const tolerant = (line: string) => ({ alerts: read(line) });
    return { ...identity, ...loggedSource(identity, { namespace, labelSelector, container }, world, orNothing(tolerant)) };
  },
});

function eventReader({ types = ['Warning'], reasons }: Settings) {
  return (event: Readonly<Record<string, unknown>>): AlertDraft[] => {
    if (!types.includes(event.type as 'Warning')) return [];
    const alert = eventAlert(event);
    return alert === undefined || (reasons !== undefined && !reasons.includes(alert.name)) ? [] : [alert];
  };
}

const ofLine = (line: string, read: (body: unknown) => AlertDraft[]): AlertDraft[] =>
  line.startsWith('{') ? read(readJson(line, 'a line of the log')) : [];

/** Other lines stand in the logs of pods, too, and some are cut. */
const orNothing = (read: (line: string) => { alerts: AlertDraft[] }) => (line: string) => {
  try {
    return read(line);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { alerts: [], lost: error.message };
  }
};

function settingProblems(settings: Settings): SettingProblem[] {
  const { from, path, rules } = settings;
  const all = [...new Set(Object.values(USES).flat())];
  const problems: SettingProblem[] = all
    .filter((key) => settings[key] !== undefined && !USES[from].includes(key))
    .map((key) => ({ path: [key], message: `\`${key}\` means nothing with \`from: ${from}\`` }));
  const missing = LOG_KEYS.filter((key) => settings[key] === undefined);
  const needsLogs = from === 'logs' || (from === 'audit' && path === undefined);
  if (needsLogs && missing.length > 0)
    problems.push({
      path: ['from'],
      message: `\`from: ${from}\` needs ${missing.map((key) => `\`${key}\``).join(', ')}${from === 'audit' ? ', or `path`' : ''}`,
    });
  if (path !== undefined && !isAbsolute(path)) problems.push({ path: ['path'], message: '`path` must be absolute' });
  if (path !== undefined && missing.length < LOG_KEYS.length)
    problems.push({ path: ['path'], message: 'the audit log stands in a file or in the log of pods, not in both' });
  if (from === 'audit' && rules === undefined)
    problems.push({ path: ['from'], message: '`from: audit` needs `rules`', hint: 'without them each request would be an alert' });
  return [...problems, ...mappingProblems(settings)];
}
