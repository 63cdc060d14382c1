// The text of an imported playbook: YAML with its keys in the usual order, scripts as blocks, and comments for its author.
import { type Document, isMap, isScalar, type Scalar, stringify, type YAMLMap, Document as YamlDocument } from 'yaml';
import type { ImportedArgument } from './inputs.ts';

export interface PlaybookStep {
  name: string;
  id?: string;
  /** ATT&CK technique. */
  attack?: string;
  /** Set to the technique where no alert can be expected. */
  unexpected?: string;
  when?: string;
  timeout: string;
  continueOnError?: boolean;
  interpreter: string;
  script: string;
  /** Arguments that the script reads from its environment. */
  env: readonly ImportedArgument[];
  expect?: Record<string, unknown>;
}

export interface PlaybookText {
  /** Comments at the top, one line each. */
  head: readonly string[];
  name: string;
  title: string;
  description: string;
  image: { input: string; value: string };
  inputs: readonly ImportedArgument[];
  /** Whether the pod must run as root. */
  asRoot: boolean;
  steps: readonly PlaybookStep[];
  /** Alerts of the catalogue with the technique. */
  expected: readonly string[];
  cleanup: readonly PlaybookStep[];
}

const ROLE = 'target';

/** What is longer stands in several lines. */
const LONGEST_LINE = 120;

export function playbookText(playbook: PlaybookText): string {
  const { name, title, description, steps, cleanup, expected } = playbook;
  const document = new YamlDocument(
    {
      apiVersion: 'kubesim/v1',
      kind: 'Playbook',
      metadata: { name, title: words(title), description: words(description), risk: 'low' },
      inputs: inputsOf(playbook),
      steps: [deployStep(playbook), ...steps.map(stepOf), ...expected.map((alert) => expectation(alert, expected.length > 1))],
      ...(cleanup.length === 0 ? {} : { finally: cleanup.map(stepOf) }),
    },
    { aliasDuplicateObjects: false },
  );
  document.commentBefore = playbook.head.map((line) => ` ${line}`).join('\n');
  inOneLine(document, playbook);
  addComments(document, playbook);
  return document.toString({ lineWidth: 0, blockQuote: 'literal', flowCollectionPadding: false });
}

const inputsOf = ({ image, inputs }: Pick<PlaybookText, 'image' | 'inputs'>): Record<string, unknown> => ({
  [image.input]: {
    type: 'string',
    default: image.value,
    description: 'Image of the pod that the test runs in; it needs a shell and what the test calls',
  },
  ...Object.fromEntries(
    inputs.map(({ input, definition: { type, default: value, description } }) => [
      input,
      { type, ...(value === undefined ? {} : { default: value }), description: words(description ?? '') },
    ]),
  ),
});

const deployStep = ({ image, asRoot }: PlaybookText) => ({
  name: 'Deploy the target',
  deploy: {
    manifests: [
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: ROLE, labels: { role: ROLE } },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [
            {
              name: ROLE,
              image: `\${{ inputs.${image.input} }}`,
              imagePullPolicy: 'IfNotPresent',
              command: ['sleep', 'infinity'],
              ...(asRoot ? { securityContext: { runAsUser: 0 } } : {}),
            },
          ],
        },
      },
    ],
    roles: { [ROLE]: { labels: { role: ROLE } } },
  },
});

const stepOf = ({ name, id, attack, when, timeout, continueOnError, interpreter, script, env, expect }: PlaybookStep) => ({
  name: words(name),
  ...(id === undefined ? {} : { id }),
  ...(attack === undefined ? {} : { attack: [attack] }),
  ...(when === undefined ? {} : { when }),
  timeout,
  ...(continueOnError === undefined ? {} : { continueOnError }),
  script: {
    pod: ROLE,
    ...(interpreter === 'sh' ? {} : { interpreter }),
    ...(env.length === 0 ? {} : { env: Object.fromEntries(env.map(({ variable, input }) => [variable, `\${{ inputs.${input} }}`])) }),
    script: withoutExpressions(script.includes('\n') ? `${script}\n` : script),
    ...(expect === undefined ? {} : { expect }),
  },
});

const expectation = (alert: string, isOneOfSeveral: boolean) => ({
  'expect-alert': { alert, of: 'attack', ...(isOneOfSeveral ? { optional: true } : {}) },
});

/** Texts for people: expressions are not evaluated there, and so refused. */
const words = (text: string): string => text.replaceAll('${{', '$ {{');

/** What looks like an expression in a script is none. */
const withoutExpressions = (text: string): string => text.replaceAll('${{', "${{ '${{' }}");

/** Short maps and lists stand in one line, as people write them. */
function inOneLine(document: Document, { steps, inputs, image, cleanup }: PlaybookText): void {
  const flow = (path: readonly (string | number)[]) => {
    const node = document.getIn(path, true) as { flow?: boolean } | undefined;
    if (node !== undefined) node.flow = true;
  };
  for (const [name, input] of Object.entries(inputsOf({ image, inputs })))
    if (JSON.stringify(input).length < LONGEST_LINE) flow(['inputs', name]);
  const pod = ['steps', 0, 'deploy', 'manifests', 0];
  flow([...pod, 'metadata']);
  flow([...pod, 'spec', 'containers', 0, 'command']);
  flow([...pod, 'spec', 'containers', 0, 'securityContext']);
  flow(['steps', 0, 'deploy', 'roles']);
  const all = [...steps.map((_, index) => ['steps', index + 1]), ...cleanup.map((_, index) => ['finally', index])];
  for (const path of all) {
    flow([...path, 'attack']);
    flow([...path, 'script', 'expect']);
    const env = document.getIn([...path, 'script', 'env']);
    if (isMap(env) && env.toString().length < LONGEST_LINE) flow([...path, 'script', 'env']);
  }
  for (const [index] of (document.getIn(['steps'], true) as YAMLMap).items.entries()) flow(['steps', index, 'expect-alert']);
}

function addComments(document: Document, { steps, inputs, expected, asRoot }: PlaybookText): void {
  const before = (path: readonly (string | number)[], key: string, lines: readonly string[]) => {
    const parent = document.getIn(path, true);
    const found = isMap(parent) ? parent.items.find((pair) => isScalar(pair.key) && pair.key.value === key) : undefined;
    if (found !== undefined) (found.key as Scalar).commentBefore = lines.map((line) => ` ${line}`).join('\n');
  };
  if (asRoot)
    before(['steps', 0, 'deploy', 'manifests', 0, 'spec', 'containers', 0], 'securityContext', ['The atomic test asks for root.']);
  for (const { input, suggested } of inputs)
    if (suggested !== undefined)
      before(['inputs'], input, [
        `The value of the atomic test: ${stringify(suggested, { lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE' }).trim()}`,
      ]);
  const attack = steps.findIndex(({ attack: technique }) => technique !== undefined);
  const path = ['steps', attack + 1];
  const technique = steps[attack]?.unexpected;
  if (technique !== undefined)
    before(path, 'attack', [
      `sim-lint-disable-next-line missing-expectation -- the catalogue has no alert for ${technique}; add expect-alert where one should come`,
    ]);
  before([...path, 'script'], 'expect', [
    'TODO: exit code 0 proves little. Say what shows that the attack took effect, e.g. `stdout: {contains: ...}`.',
  ]);
  const first = document.getIn(['steps', steps.length + 1], true);
  if (isMap(first))
    first.commentBefore =
      expected.length === 1
        ? ' TODO: chosen by its technique. Keep it only if this very test should raise it.'
        : ' TODO: chosen by their technique. Keep those that this very test should raise, without `optional`.';
}
