// The step `script`: runs a script of several lines in a pod. Script and environment travel on standard input, and no shell reads the values.
import { Failure } from '../ports/failure.ts';
import { exampleOf } from './example.ts';
import { podPermissions, podSchema, podTargets, podText } from './pod-schema.ts';
import type { PreventionBody } from './prevention.ts';
import { type ProgramExpectation, programEnd, programExpectSchema, programOutputs, programPreventedSchema } from './program-effect.ts';
import { runRemote } from './remote-process.ts';
import { defineStep, type PodSelector } from './step.ts';

type Scalar = string | number | boolean;

interface Body {
  pod: PodSelector;
  interpreter?: string | string[];
  script: string;
  args?: Scalar[];
  env?: Record<string, Scalar>;
  workingDirectory?: string;
  stdin?: Scalar;
  expect?: ProgramExpectation;
  prevented?: PreventionBody;
}

const scalar = { type: ['string', 'number', 'boolean'] } as const;

/** Of the exit codes that mean trouble before the program has begun (POSIX env), the one that `env` itself does not use for a missing program. */
const NO_FOLDER = 125;

/**
 * Takes the script and the environment from standard input, and becomes the interpreter with the script as a file: what follows on standard
 * input is left to it (POSIX: a shell's `read` takes nothing beyond the line's end). $1: the folder to work in, or nothing.
 */
const START = `
sim_take() {
  sim_taken= sim_left=$1
  while [ "$sim_left" -gt 0 ]; do
    IFS= read -r sim_line
    sim_taken=$sim_taken$sim_line'
'
    sim_left=$((sim_left - 1))
  done
  sim_taken=\${sim_taken%?}
}
IFS=' ' read -r sim_name sim_left
sim_take "$sim_left"
sim_script=$sim_taken
while IFS=' ' read -r sim_name sim_left && [ "$sim_name" != . ]; do
  sim_take "$sim_left"
  export "$sim_name=$sim_taken"
done
if [ "$1" ] && ! cd "$1" 2>/dev/null; then
  echo "sim: no folder" >&2
  exit ${NO_FOLDER}
fi
shift
exec 3<<END
$sim_script
END
exec env "$@"
`;

const interpreterOf = ({ interpreter = 'sh' }: Body): string[] => [interpreter].flat();

export const script = defineStep<Body>({
  type: 'script',
  summary: 'Runs a script of several lines in a pod and waits for its end.',
  defaultTimeout: 60_000,
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['pod', 'script'],
    properties: {
      pod: podSchema,
      interpreter: {
        default: 'sh',
        description: 'What runs the script, which it gets as a file before `args`: a program, or a program with its options.',
        anyOf: [
          { type: 'string', minLength: 1, description: 'A program, e.g. `python3`.' },
          { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 }, description: 'A program and its options.' },
        ],
      },
      script: {
        type: 'string',
        minLength: 1,
        description: 'The text of the script. Hand values to it by `env` or `args`: an expression in the text becomes part of the program.',
      },
      args: { type: 'array', items: scalar, description: 'Arguments of the script, each as it is.' },
      env: {
        type: 'object',
        propertyNames: {
          type: 'string',
          pattern: '^(?!sim_)[A-Za-z_][A-Za-z0-9_]*$',
          'x-says': 'must hold only letters, digits and `_`, not begin with a digit, and not with `sim_`',
        },
        additionalProperties: scalar,
        description: 'Variables of its environment, each value as it is: the way to hand expressions to a script.',
      },
      workingDirectory: {
        type: 'string',
        pattern: '^/',
        'x-says': 'must be an absolute path',
        description: "The folder it runs in; absent: the container's own.",
      },
      stdin: { ...scalar, description: 'What the script reads from standard input.' },
      expect: programExpectSchema,
      prevented: programPreventedSchema,
    },
  },
  outputs: programOutputs,
  example: exampleOf(
    'script',
    'Look for credentials',
    `
- name: Look for credential files below a folder
  id: search
  attack: [T1083, T1552.001]
  script:
    pod: victim
    interpreter: [bash, -u]
    workingDirectory: /home
    env: {NAME: .git-credentials, MARKER: "\${{ run.marker }}"}
    args: [user]
    script: |
      # The content stays in the pod.
      find "$1" -name "$NAME" | while read -r file; do
        echo "$MARKER: $file, length=$(wc -c < "$file")"
      done
    expect: {stdout: {matches: '^sim-[a-z0-9]+: user/\\.git-credentials, length=[1-9]'}}
- expect-alert: {alert: sensitive-files-access, of: search}
- name: Count what was found
  script:
    pod: victim
    interpreter: perl
    stdin: "\${{ steps.search.stdout }}"
    script: |
      my @lines = <STDIN>;
      print scalar(@lines), "\\n";
    expect: {stdout: "1"}
`,
  ),
  plan: (body) => {
    const lines = body.script.trimEnd().split('\n').length;
    return `in ${podText(body.pod)}, run a script of ${lines} line${lines === 1 ? '' : 's'} with ${interpreterOf(body).join(' ')}`;
  },
  permissions: ({ pod }) => podPermissions('exec', pod),
  targets: ({ pod }) => podTargets(pod),
  commands: (body) =>
    typeof body.script === 'string' ? [{ path: ['script'], script: body.script, interpreter: String(interpreterOf(body)[0]) }] : [],
  async run(body, context) {
    const pod = await context.pod(body.pod);
    const { workingDirectory = '', args = [], stdin = '' } = body;
    const interpreter = interpreterOf(body);
    const command = ['sh', '-c', START, 'sh', workingDirectory, ...interpreter, '/dev/fd/3', ...args.map(String)];
    const result = await runRemote(context, pod, command, { stdin: `${prelude(body)}${stdin}`, program: interpreter[0] ?? '' });
    if (result.exitCode === NO_FOLDER && result.stderr.trim() === 'sim: no folder')
      throw new Failure('not-found', `the folder ${workingDirectory} cannot be entered in ${pod.namespace}/${pod.name}`);
    return await programEnd(result, body, { context, pod, text: [...interpreter, body.script].join(' ') });
  },
});

/** What START reads: each text after a line with its name and its number of lines, the script first, and a dot at the end. */
function prelude({ script: text, env = {} }: Body): string {
  const texts = [['script', text.replace(/\n$/, '')] as const, ...Object.entries(env)];
  const blocks = texts.map(([name, value]) => {
    const lines = String(value).split('\n');
    if (String(value).includes('\0')) throw new Failure('invalid', 'a script and its environment cannot hold the character NUL');
    return `${[`${name} ${lines.length}`, ...lines].join('\n')}\n`;
  });
  return `${blocks.join('')}. 0\n`;
}
