// The shape of a file of detections/; schemas/detection.schema.json is made of it, for editors.
import type { JsonSchema } from '../language/definition.ts';
import { durationSchema } from '../language/duration.ts';
import { lists } from './lists.ts';

const text = { type: 'string', minLength: 1 } as const;
const texts = { type: 'array', minItems: 1, maxItems: 50, uniqueItems: true, items: text } as const;
const condition = {
  ...text,
  maxLength: 4096,
  description: `CEL that is true for what the rule looks for. Lists to use: ${Object.keys(lists).join(', ')}, metadataAddresses.`,
} as const;
const categories = ['process_creation', 'file_event', 'network_connection', 'audit'] as const;
const by = {
  enum: ['container', 'pod', 'process', 'user'],
  description: 'What observations must have in common to be counted together.',
} as const;
const within = { ...durationSchema, description: 'All of it happens in this time.' } as const;

const eventSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'An observation: a process by `argv`, a file by `path`, a connection by `address`, a request to the API server by `verb`.',
  properties: {
    at: { type: 'number', minimum: 0, description: 'Seconds since the first event; absent: a tenth of a second after the one before.' },
    argv: {
      type: 'array',
      minItems: 1,
      maxItems: 100,
      items: { type: 'string' },
      description: 'Arguments of the process, its name first.',
    },
    executable: { ...text, description: 'Path of the executed file; absent: by `argv`, in /usr/bin.' },
    drift: { type: 'boolean', description: 'Whether the file was written in the container and is not of the image.' },
    pid: { type: 'integer', minimum: 1, description: 'Absent: a new one.' },
    ppid: { type: 'integer', minimum: 1, description: 'Of the first of `ancestors`.' },
    uid: { type: 'integer', minimum: 0 },
    age: { type: 'number', minimum: 0, description: 'Seconds since the process was started; absent: none.' },
    ancestors: {
      type: 'array',
      maxItems: 20,
      items: { type: 'array', minItems: 1, items: { type: 'string' } },
      description: 'Arguments of the parent, of its parent, and so on.',
    },
    pod: { ...text, description: 'Name of the pod; absent: `web`.' },
    path: { ...text, description: 'File that is opened.' },
    access: { enum: ['read', 'write'], description: 'Absent: `read`.' },
    address: { ...text, description: 'Address that is connected to.' },
    port: { type: 'integer', minimum: 0, maximum: 65535, description: 'Absent: 443.' },
    protocol: { enum: ['tcp', 'udp'], description: 'Absent: `tcp`.' },
    verb: { ...text, description: "The request's verb, as the audit log has it." },
    resource: { ...text, description: 'With its subresource: `pods/exec`.' },
    apiGroup: { type: 'string' },
    namespace: { ...text, description: 'Of the object of the request.' },
    name: { ...text, description: 'Of the object of the request.' },
    user: { ...text, description: 'Absent: `alice`.' },
    groups: texts,
    impersonates: { ...text, description: 'User as whom the request is made.' },
    fromPod: { ...text, description: "Pod that the user's token is bound to." },
    code: { type: 'integer', minimum: 100, maximum: 599, description: 'Status of the answer; absent: 201 for `create`, else 200.' },
    userAgent: text,
    uri: { ...text, description: 'Absent: made of the object.' },
    object: { description: 'Body of the request.' },
  },
} as const;

const testsSchema = (description: string) => ({
  type: 'array',
  minItems: 1,
  maxItems: 100,
  description,
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['name', 'events'],
    properties: {
      name: { ...text, description: 'What happens in these events.' },
      events: { type: 'array', minItems: 1, maxItems: 200, items: eventSchema },
    },
  },
});

/** Files are checked by it, as the language's own schemas are. */
export const detectionSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: [
    'apiVersion',
    'kind',
    'title',
    'id',
    'name',
    'status',
    'description',
    'tags',
    'logsource',
    'level',
    'alert',
    'pyramid',
    'falsepositives',
    'tests',
  ],
  oneOf: [{ required: ['condition'] }, { required: ['sequence'] }],
  dependentRequired: { threshold: ['condition'] },
  properties: {
    apiVersion: { const: 'kubesim/v1', description: 'Version of the format.' },
    kind: { const: 'Detection', description: 'That the file is a detection rule.' },
    title: { ...text, maxLength: 100, description: 'Name under which its alerts are told.' },
    id: {
      type: 'string',
      pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$',
      'x-says': 'must be a UUID in small letters',
      description: 'UUID of the rule, which it keeps when it is renamed.',
    },
    name: { type: 'string', pattern: '^[a-z][a-z0-9]*(-[a-z0-9]+)*$', 'x-says': 'must be in kebab-case', description: "The file's name." },
    status: { enum: ['stable', 'test', 'experimental', 'deprecated'], description: 'How far it can be relied on, in the words of Sigma.' },
    description: { ...text, description: 'What happened when it is right.' },
    references: { ...texts, description: 'Where more is written about the behaviour.' },
    tags: {
      ...texts,
      description: 'ATT&CK techniques and tactics, as in Sigma: `attack.t1046`, `attack.discovery`.',
      items: { type: 'string', pattern: '^[a-z0-9]+\\.[a-z0-9][a-z0-9._-]*$', 'x-says': 'must be of the form `attack.t1046`' },
    },
    logsource: {
      type: 'object',
      additionalProperties: false,
      required: ['product', 'category'],
      description: 'What it looks at.',
      properties: {
        product: { enum: ['kubernetes', 'linux'] },
        category: { enum: [...categories], description: 'Kind of observation; of a sequence, that of its steps.' },
      },
    },
    condition,
    threshold: {
      type: 'object',
      additionalProperties: false,
      required: ['count', 'within', 'by'],
      description: 'The condition must be true so often.',
      properties: {
        count: { type: 'integer', minimum: 2, maximum: 10_000, description: 'How often, or for how many values of `distinct`.' },
        distinct: { ...text, maxLength: 4096, description: 'CEL whose different values are counted instead of the observations.' },
        within,
        by,
      },
    },
    sequence: {
      type: 'object',
      additionalProperties: false,
      required: ['within', 'by', 'steps'],
      description: 'Conditions that become true one after the other.',
      properties: {
        within,
        by,
        steps: {
          type: 'array',
          minItems: 2,
          maxItems: 10,
          items: {
            type: 'object',
            additionalProperties: false,
            required: ['condition'],
            properties: {
              category: { enum: [...categories], description: 'Kind of observation; absent: that of `logsource`.' },
              condition,
              key: { ...text, maxLength: 4096, description: 'CEL that gives a text or texts: the steps must have one in common.' },
            },
          },
        },
      },
    },
    level: { enum: ['informational', 'low', 'medium', 'high', 'critical'], description: 'How grave it is when it is right.' },
    falsepositives: { ...texts, description: 'What is no attack and looks the same.' },
    alert: { ...text, 'x-suggest': 'alerts', description: 'Id of the entry of the alerts/ catalogue that it raises.' },
    pyramid: {
      type: 'object',
      additionalProperties: false,
      required: ['level', 'because'],
      description: 'How hard it is to evade, by "Summiting the Pyramid" of the Center for Threat-Informed Defense.',
      properties: {
        level: {
          type: 'integer',
          minimum: 1,
          maximum: 5,
          description: '1: a value that changes freely; 3: core to tools that are there; 5: core to the technique.',
        },
        because: { ...text, description: 'What somebody would have to change to get past it.' },
      },
    },
    tests: {
      type: 'object',
      additionalProperties: false,
      required: ['detects', 'ignores'],
      description: 'What it must find, and what it must not.',
      properties: {
        detects: testsSchema('Events of an attack, each list by itself: the rule finds something in them.'),
        ignores: testsSchema('Events that are no attack: it finds nothing in them.'),
      },
    },
  },
};
