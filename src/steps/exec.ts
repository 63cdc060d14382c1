// The step `exec`: runs a program in a pod, as an attacker does who got in.
import { type Matcher, matcherSchema, mismatch } from '../language/matcher.ts';
import { exampleOf } from './example.ts';
import { jsonOf } from './json.ts';
import { podPermissions, podSchema, podText } from './pod-schema.ts';
import { runRemote } from './remote-process.ts';
import { defineStep, type PodSelector } from './step.ts';

interface Body {
  pod: PodSelector;
  command?: (string | number | boolean)[];
  shell?: string;
  stdin?: string | number | boolean;
  expect?: { exitCode?: Matcher; stdout?: Matcher; stderr?: Matcher };
}

const argvOf = ({ command, shell = '' }: Body): string[] => command?.map(String) ?? ['sh', '-c', shell];

const LONGEST_REASON = 500;

/** The last whole lines that fit; of a single longer one its beginning. A token that loses its head is no longer known as one, and not masked. */
function lastLines(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const start = text.indexOf('\n', text.length - limit - 1) + 1;
  return start > 0 ? text.slice(start) : text.slice(text.lastIndexOf('\n') + 1).slice(0, limit);
}

/** A script has lines; a plan has room for one. */
function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 120 ? `${line.slice(0, 117)}...` : line;
}

export const exec = defineStep<Body>({
  type: 'exec',
  summary: 'Runs a program in a pod and waits for its end.',
  defaultTimeout: 60_000,
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['pod'],
    oneOf: [{ required: ['command'] }, { required: ['shell'] }],
    properties: {
      pod: podSchema,
      command: {
        type: 'array',
        minItems: 1,
        items: { type: ['string', 'number', 'boolean'] },
        description: 'The program and its arguments, each as it is: no shell reads them.',
      },
      shell: { type: 'string', minLength: 1, description: 'A script for `sh -c`.' },
      stdin: { type: ['string', 'number', 'boolean'], description: 'What the program reads from standard input.' },
      expect: {
        type: 'object',
        additionalProperties: false,
        minProperties: 1,
        description: 'What proves that the program did its work.',
        properties: {
          exitCode: { ...matcherSchema, default: 0, description: 'Exit code; where it is not named, it must be 0.' },
          stdout: { ...matcherSchema, description: 'What the program printed.' },
          stderr: { ...matcherSchema, description: 'What the program printed as errors.' },
        },
      },
    },
  },
  outputs: {
    stdout: { type: 'string', description: 'What the program printed, at most 1 MiB.' },
    stderr: { type: 'string', description: 'What the program printed as errors, at most 1 MiB.' },
    exitCode: { type: 'int', description: 'Its exit code.' },
    json: { type: 'dyn', description: '`stdout` as a value where it is JSON, else null.' },
  },
  example: exampleOf(
    'exec',
    'Scan the service network',
    `
- name: Scan the service network for port 443
  id: scan
  attack: [T1046]
  timeout: 2m
  exec:
    pod: victim
    command: [nmap, --unprivileged, -Pn, --open, kubernetes.default/24, -p, 443]
    expect: {stdout: {contains: "443/tcp open"}}
- name: Count the open ports
  exec: {pod: victim, shell: grep -c open, stdin: "\${{ steps.scan.stdout }}", expect: {stdout: {matches: "^[1-9]"}}}
`,
  ),
  plan: (body) => `in ${podText(body.pod)}, run ${oneLine(argvOf(body).join(' '))}`,
  permissions: () => podPermissions('exec'),
  async run(body, context) {
    const pod = await context.pod(body.pod);
    const { stdout, stderr, exitCode } = await runRemote(
      context,
      pod,
      argvOf(body),
      body.stdin === undefined ? undefined : String(body.stdin),
    );
    const mismatches = [
      mismatch('exitCode', body.expect?.exitCode ?? 0, exitCode),
      body.expect?.stdout === undefined ? undefined : mismatch('stdout', body.expect.stdout, stdout),
      body.expect?.stderr === undefined ? undefined : mismatch('stderr', body.expect.stderr, stderr),
    ].filter((each) => each !== undefined);
    // A program that failed says why on stderr, which helps more than its exit code.
    const why = exitCode !== 0 && body.expect?.stderr === undefined ? lastLines(stderr.trim(), LONGEST_REASON) : '';
    return {
      outputs: { stdout, stderr, exitCode, json: jsonOf(stdout) },
      mismatches: mismatches.length > 0 && why !== '' ? [...mismatches, `stderr: ${why}`] : mismatches,
    };
  },
});
