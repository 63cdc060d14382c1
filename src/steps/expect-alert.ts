// The step `expect-alert`: says which alert an attack step should raise. It does not wait; all expectations are settled together at the end.
import { durationSchema, parseDuration } from '../language/duration.ts';
import { exampleOf } from './example.ts';
import { type AlertExpectation, defineStep } from './step.ts';

interface Body {
  alert: string;
  of?: string | string[];
  within?: string;
  count?: number;
  required?: string;
  optional?: boolean;
  where?: string;
  source?: string;
  severity?: string;
}

const REQUIRED = /^([1-9]\d{0,2}) of ([1-9]\d{0,2})$/;

const stepId = { type: 'string', pattern: '^[a-z][a-zA-Z0-9]*$', 'x-says': 'must be the id of a step' } as const;

export const expectAlert = defineStep<Body>({
  type: 'expect-alert',
  summary: 'Expects an alert of an attack step before it, or that none comes.',
  // It is over at once: the window of the alert is `within`.
  otherNames: ['alert', 'alerts', 'expect', 'assert', 'detect', 'detection'],
  defaultTimeout: 1000,
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['alert'],
    'x-instead': {
      name: 'did you mean `alert`? it takes the id of the alert in alerts/',
      id: 'did you mean `alert`?',
      title: 'did you mean `alert`? it takes the id of the alert in alerts/',
      step: 'did you mean `of`?',
      attack: 'did you mean `of`? it takes the id of the attack step',
      timeout: 'did you mean `within`?',
      window: 'did you mean `within`?',
      min: 'did you mean `count`?',
    },
    dependentSchemas: {
      required: { properties: { count: { not: {}, description: 'Not beside `required`.', 'x-says': 'cannot stand beside `required`' } } },
    },
    properties: {
      alert: {
        type: 'string',
        minLength: 1,
        'x-expression': 'inputs',
        'x-suggest': 'alerts',
        description: 'Id of the alert in the alerts/ catalogue.',
      },
      of: {
        description: 'Id of the attack step, or of several: the first that was not skipped counts. Absent: the nearest attack step before.',
        anyOf: [stepId, { type: 'array', minItems: 1, uniqueItems: true, items: stepId }],
      },
      within: { ...durationSchema, description: 'How long after the attack the alert may come. Absent: what is usual for its source.' },
      count: { type: 'integer', minimum: 0, default: 1, description: 'How many at least; 0: none may come in the whole window.' },
      required: {
        type: 'string',
        pattern: REQUIRED.source,
        'x-says': 'must be such as `2 of 3`',
        description: 'Of an attack with `repeat`, how many of its executions must each raise the alert, e.g. `2 of 3`.',
      },
      optional: { type: 'boolean', default: false, description: 'Whether a missing alert is only recorded.' },
      where: {
        type: 'string',
        'x-expression': 'cel',
        'x-variables': ['alert'],
        description: 'A CEL condition over `alert` that it must fulfil, e.g. `alert.entities.container == "victim"`.',
      },
      source: {
        type: 'string',
        minLength: 1,
        'x-expression': 'inputs',
        description: 'Name of the alert source that must see it. Absent: any.',
      },
      severity: {
        enum: ['informational', 'low', 'medium', 'high', 'critical'],
        description: 'The least severity that counts.',
      },
    },
  },
  outputs: {},
  example: exampleOf(
    'expect-alert',
    'Expect the alert of a scan',
    `
- name: Scan the service network for port 443
  id: scan
  attack: [T1046]
  timeout: 2m
  exec: {pod: victim, command: [nmap, --unprivileged, -Pn, --open, kubernetes.default/24, -p, 443], expect: {stdout: {contains: "443/tcp open"}}}
- expect-alert: {alert: network-scanning-tool, of: scan}
- name: Scan again and again, for a detector that learns
  id: scans
  attack: [T1046]
  repeat: {times: 3, every: 1s}
  timeout: 2m
  exec: {pod: victim, command: [nmap, --unprivileged, -Pn, kubernetes.default, -p, 443], expect: {stdout: {contains: "443/tcp open"}}}
- expect-alert: {alert: network-scanning-tool, of: scans, required: 2 of 3}
- name: Nothing was downloaded
  expect-alert: {alert: crypto-miner-download, of: scan, count: 0}
`,
  ),
  plan: ({ alert, count }) => (count === 0 ? `expect no alert ${alert}` : `expect the alert ${alert}`),
  expects({ of, within, required, ...rest }): AlertExpectation {
    const window = within === undefined ? undefined : parseDuration(within);
    const [, times, executions] = REQUIRED.exec(required ?? '') ?? [];
    return {
      ...rest,
      ...(of === undefined ? {} : { of: [of].flat() }),
      ...(window === undefined ? {} : { within: window }),
      ...(times === undefined ? {} : { required: { times: Number(times), of: Number(executions) } }),
    };
  },
});
