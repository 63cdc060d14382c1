// Observations as a file: JSON lines, the first of which says what they are. Pure: text in, observations out, and the other way.
import type { JsonSchema } from '../language/definition.ts';
import { checkSchema } from '../language/schema-check.ts';
import type { Observation } from '../ports/observations.ts';

/** What a recording begins with. Another version means another shape of the lines. */
const VERSION = 1;

const text = { type: 'string' } as const;
const number = { type: 'number' } as const;
const process = {
  type: 'object',
  required: ['pid', 'executable', 'arguments'],
  properties: {
    pid: { type: 'integer' },
    executable: text,
    arguments: { type: 'array', items: text },
    truncated: { const: true },
    uid: { type: 'integer' },
    startedAt: number,
  },
} as const;

const inContainer = (kind: string, more: Record<string, JsonSchema>): JsonSchema => ({
  type: 'object',
  required: ['time', 'where', 'process', 'ancestors', ...Object.keys(more)],
  properties: {
    kind: { const: kind },
    time: number,
    where: {
      type: 'object',
      required: ['node', 'namespace', 'pod', 'podUid', 'container', 'containerId'],
      properties: { node: text, namespace: text, pod: text, podUid: text, container: text, containerId: text },
    },
    process,
    ancestors: { type: 'array', items: process },
    ...more,
  },
});

/** What the detector relies on; other fields may be there. */
const schemas: Readonly<Record<Observation['kind'], JsonSchema>> = {
  process: inContainer('process', { drift: { type: 'boolean' } }),
  file: inContainer('file', { path: text, access: { enum: ['read', 'write'] } }),
  connection: inContainer('connection', { address: text, port: { type: 'integer' }, protocol: { enum: ['tcp', 'udp'] } }),
  audit: {
    type: 'object',
    required: ['time', 'event'],
    properties: {
      kind: { const: 'audit' },
      time: number,
      event: {
        type: 'object',
        required: ['auditID', 'stage', 'verb', 'requestURI', 'user'],
        properties: {
          auditID: text,
          stage: text,
          verb: text,
          requestURI: text,
          userAgent: text,
          user: {
            type: 'object',
            required: ['username'],
            properties: {
              username: text,
              groups: { type: 'array', items: text },
              extra: { type: 'object', additionalProperties: { type: 'array', items: text } },
            },
          },
          impersonatedUser: { type: 'object', required: ['username'], properties: { username: text } },
          objectRef: {
            type: 'object',
            properties: { resource: text, subresource: text, namespace: text, name: text, apiGroup: text },
          },
          responseStatus: { type: 'object', properties: { code: { type: 'integer' } } },
        },
      },
    },
  },
};

/** The first line of a recording, with its end of line. `version`: of the program. */
export const recordingHeader = (version: string): string =>
  `${JSON.stringify({ format: 'kubesim-observations', version: VERSION, program: version })}\n`;

/** One observation as a line, with its end. */
export const recordingLine = (observation: Observation): string => `${JSON.stringify(observation)}\n`;

/** A line that is no observation; `line` counts from 1. */
export interface RecordingProblem {
  line: number;
  message: string;
}

/** Reads the lines of a recording in turn: each gives an observation, a problem, or nothing (the header, an empty line). Never throws. */
export function recordingReader(): (line: string) => Observation | RecordingProblem | undefined {
  let number = 0;
  let begun = false;
  return (line) => {
    number++;
    const problem = (message: string): RecordingProblem => ({ line: number, message });
    if (line.trim() === '') return undefined;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      return problem(`this is not JSON: ${line.slice(0, 60)}`);
    }
    const record = (typeof value === 'object' && value !== null ? value : {}) as { format?: unknown; version?: unknown; kind?: unknown };
    if (!begun) {
      begun = true;
      if (record.format !== 'kubesim-observations')
        return problem('a recording begins with a line that says `"format":"kubesim-observations"`');
      return record.version === VERSION
        ? undefined
        : problem(`this is version ${String(record.version)} of the format, and version ${VERSION} can be read`);
    }
    const { kind } = record;
    if (typeof kind !== 'string' || !Object.hasOwn(schemas, kind))
      return problem(`\`kind\` must be one of ${Object.keys(schemas).join(', ')}`);
    const [wrong] = checkSchema(schemas[kind as Observation['kind']], value, { name: 'the observation', expressions: false }).problems;
    return wrong === undefined ? (value as Observation) : problem(wrong.message);
  };
}
