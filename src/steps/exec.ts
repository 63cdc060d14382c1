// The step `exec`: runs a program in a pod, as an attacker does who got in.
import type { ExecResult } from '../ports/cluster.ts';
import { exampleOf } from './example.ts';
import { podPermissions, podSchema, podTargets, podText } from './pod-schema.ts';
import { type PreventionBody, preventionIn } from './prevention.ts';
import { type ProgramExpectation, programEnd, programExpectSchema, programOutputs, programPreventedSchema } from './program-effect.ts';
import { runRemote } from './remote-process.ts';
import { defineStep, type PodSelector } from './step.ts';

interface Body {
  pod: PodSelector;
  command?: (string | number | boolean)[];
  shell?: string;
  stdin?: string | number | boolean;
  expect?: ProgramExpectation;
  prevented?: PreventionBody;
}

const argvOf = ({ command, shell = '' }: Body): string[] => command?.map(String) ?? ['sh', '-c', shell];

/** A script has lines; a plan has room for one. */
function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 120 ? `${line.slice(0, 117)}...` : line;
}

export const exec = defineStep<Body>({
  type: 'exec',
  summary: 'Runs a program in a pod and waits for its end.',
  otherNames: ['run', 'cmd', 'bash', 'sh', 'program', 'process', 'kubectl'],
  defaultTimeout: 60_000,
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['pod'],
    'x-example': '{pod: victim, command: [id, -u]}',
    'x-instead': {
      run: 'a program and its arguments are `command`, a script is `shell`',
      script: 'did you mean `shell`?',
      args: 'the program and its arguments are one list: `command`',
      argv: 'did you mean `command`?',
      cmd: 'did you mean `command`?',
      env: 'write it in the script: `shell: A=1 program`',
      input: 'did you mean `stdin`?',
      container: 'it belongs to the pod: `pod: {selector: app=web, container: main}`',
      namespace: 'it belongs to the pod: `pod: {selector: app=web, namespace: other}`',
      selector: 'it belongs to the pod: `pod: {selector: app=web}`',
    },
    oneOf: [{ required: ['command'] }, { required: ['shell'] }],
    properties: {
      pod: podSchema,
      command: {
        type: 'array',
        minItems: 1,
        'x-example': '[nmap, -Pn, victim]',
        items: { type: ['string', 'number', 'boolean'] },
        description: 'The program and its arguments, each as it is: no shell reads them.',
      },
      shell: { type: 'string', minLength: 1, description: 'A script for `sh -c`.' },
      stdin: { type: ['string', 'number', 'boolean'], description: 'What the program reads from standard input.' },
      expect: programExpectSchema,
      prevented: programPreventedSchema,
    },
  },
  outputs: programOutputs,
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
- expect-alert: {alert: network-scanning-tool, of: scan}
- name: Count the open ports
  exec: {pod: victim, shell: grep -c open, stdin: "\${{ steps.scan.stdout }}", expect: {stdout: {matches: "^[1-9]"}}}
`,
  ),
  commands: ({ command, shell, stdin }) => [
    ...(Array.isArray(command)
      ? [
          {
            path: ['command'],
            argv: command.map(String),
            ...(typeof stdin === 'string' ? { stdin: { path: ['stdin'], text: stdin } } : {}),
          },
        ]
      : []),
    ...(typeof shell === 'string' ? [{ path: ['shell'], script: shell }] : []),
  ],
  plan: (body) => `in ${podText(body.pod)}, run ${oneLine(argvOf(body).join(' '))}`,
  permissions: ({ pod }) => podPermissions('exec', pod),
  targets: ({ pod }) => podTargets(pod),
  async run(body, context) {
    const pod = await context.pod(body.pod);
    const stdin = body.stdin === undefined ? undefined : String(body.stdin);
    const argv = argvOf(body);
    const isPrevented = (result: ExecResult) => preventionIn(body.prevented, { ...result }) !== undefined;
    return await programEnd(await runRemote(context, pod, argv, { stdin, isPrevented }), body, { context, pod, text: argv.join(' ') });
  },
});
