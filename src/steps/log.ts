// The step `log`: looks into a container's log as it is now. `wait` waits for a line of it.
import { durationSchema, parseDuration } from '../language/duration.ts';
import { type Matcher, matcherSchema, mismatch } from '../language/matcher.ts';
import { exampleOf } from './example.ts';
import { jsonOf } from './json.ts';
import { podPermissions, podSchema, podTargets, podText } from './pod-schema.ts';
import { defineStep, type PodSelector, type StepContext } from './step.ts';

interface Body {
  pod: PodSelector;
  since?: string;
  tail?: number;
  previous?: boolean;
  expect?: { line?: Matcher; count?: Matcher; text?: Matcher };
}

/** Characters of a log that are kept, from its end. */
const LIMIT = 1024 * 1024;

export const log = defineStep<Body>({
  type: 'log',
  summary: "Looks into a container's log as it is now.",
  defaultTimeout: 30_000,
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['pod'],
    properties: {
      pod: podSchema,
      since: { ...durationSchema, description: 'Only lines that are not older than this, e.g. `30s`.' },
      tail: { type: 'integer', minimum: 1, description: 'Only so many lines from the end.' },
      previous: { type: 'boolean', default: false, description: "The log of the container's last run, before it was started again." },
      expect: {
        type: 'object',
        additionalProperties: false,
        minProperties: 1,
        description: 'What must stand in the log.',
        properties: {
          line: { ...matcherSchema, description: 'A line that is there; `count` says how often.' },
          count: { ...matcherSchema, description: 'How many lines match `line`, or how many lines there are. Absent: at least one.' },
          text: { ...matcherSchema, description: 'The lines as one text.' },
        },
      },
    },
  },
  outputs: {
    text: { type: 'string', description: 'The lines as one text, at most the last 1 MiB.' },
    lines: { type: 'int', description: 'How many lines there are.' },
    json: { type: 'list', description: 'Those lines that are JSON objects, as values.' },
  },
  example: exampleOf(
    'log',
    'Look into a log',
    `
- name: Leave a line in the log of the victim
  exec: {pod: victim, shell: "echo 'password=\${{ run.marker }}' > /proc/1/fd/1"}
- wait: {log: {pod: victim, contains: "\${{ run.marker }}"}}
- name: Find a password in the log
  id: search
  log:
    pod: victim
    since: 10m
    tail: 500
    expect: {line: {matches: "password=sim-[a-z0-9]+"}, count: 1}
`,
  ),
  plan: ({ pod, previous = false }) => `look into the log of ${podText(pod)}${previous ? ' before its last start' : ''}`,
  permissions: ({ pod }) => podPermissions('log', pod),
  targets: ({ pod }) => podTargets(pod),
  async run(body, context) {
    const pod = await context.pod(body.pod);
    const lines = await linesOf(context.cluster.logs(pod, { ...optionsOf(body), signal: context.signal }), context);
    const objects = lines.map(jsonOf).filter((value) => typeof value === 'object' && value !== null && !Array.isArray(value));
    const text = lines.map((line) => `${line}\n`).join('');
    return { outputs: { text, lines: lines.length, json: objects }, mismatches: differences(body.expect ?? {}, lines, text) };
  },
});

/** The API counts in whole seconds. */
function optionsOf({ since, tail, previous }: Body): { sinceSeconds?: number; tailLines?: number; previous?: boolean } {
  const milliseconds = since === undefined ? undefined : parseDuration(since);
  return {
    ...(milliseconds === undefined ? {} : { sinceSeconds: Math.max(1, Math.ceil(milliseconds / 1000)) }),
    ...(tail === undefined ? {} : { tailLines: tail }),
    ...(previous === undefined ? {} : { previous }),
  };
}

async function linesOf(log: AsyncIterable<string>, { signal, note }: Pick<StepContext, 'signal' | 'note'>): Promise<string[]> {
  const lines: string[] = [];
  let size = 0;
  let dropped = 0;
  for await (const line of log) {
    const kept = line.slice(0, LIMIT - 1);
    lines.push(kept);
    for (size += kept.length + 1; size > LIMIT; dropped++) size -= (lines.shift()?.length ?? 0) + 1;
  }
  signal.throwIfAborted();
  if (dropped > 0) note(`the log is longer than 1 MiB: its first ${dropped} lines were left out`);
  return lines;
}

function differences({ line, count, text }: NonNullable<Body['expect']>, lines: readonly string[], whole: string): string[] {
  const found = line === undefined ? lines : lines.filter((each) => mismatch('line', line, each) === undefined);
  return [
    line !== undefined && count === undefined && found.length === 0 ? noneOf(line, lines) : undefined,
    count === undefined ? undefined : mismatch('count', count, found.length),
    text === undefined ? undefined : mismatch('text', text, whole),
  ].filter((each) => each !== undefined);
}

/** Of lines that are all wrong the last one tells most. */
function noneOf(matcher: Matcher, lines: readonly string[]): string {
  const last = lines.at(-1);
  if (last === undefined) return 'line: there is none in the log';
  return `${mismatch('line', matcher, last)}, the last of ${lines.length} line${lines.length === 1 ? '' : 's'}`;
}
