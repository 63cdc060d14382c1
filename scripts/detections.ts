// The pages of the detection rules: what each looks for, what it takes for an attack wrongly, and how it is evaded.
import type { Detection, DetectionTest } from '../src/detector/detection.ts';
import type { Definitions } from '../src/reference/definitions.ts';
import { code, list, type Page, section, table, text } from '../src/reference/page.ts';
import { techniqueText } from '../src/reference/technique-text.ts';

/** "Summiting the Pyramid", from the Center for Threat-Informed Defense: what somebody who wants to evade a rule has to give up. */
const LEVELS: readonly string[] = [
  'a value that changes freely, such as the hash or the name of a file',
  'core to a tool that the attacker brings along',
  'core to tools that are there already',
  'core to some ways of carrying out the technique',
  'core to the technique itself',
];

const CATEGORIES: Readonly<Record<Detection['logsource']['category'], string>> = {
  process_creation: 'programs that are started',
  file_event: 'files that are opened',
  network_connection: 'connections that are made',
  audit: "requests in the API server's audit log",
};

export function detectionPage(detection: Detection, { techniqueOf }: Pick<Definitions, 'techniqueOf'>): Page {
  const { name, title, description, level, status, alert, logsource, pyramid, falsepositives, references, tags, tests } = detection;
  const techniques = tags.flatMap((tag) => (/^attack\.t\d/.test(tag) ? [tag.slice('attack.'.length).toUpperCase()] : []));
  return {
    kind: 'detection',
    name,
    title,
    summary: description,
    sections: [
      ...section(
        '',
        list([
          `Raises the alert \`${alert}\``,
          `Level: ${level}`,
          `Status: ${status}`,
          `Looks at: ${CATEGORIES[logsource.category]}`,
          ...techniques.map((id) => `Technique: ${techniqueText(id, techniqueOf)}`),
        ]),
      ),
      ...section('Condition', ...conditionBlocks(detection)),
      ...section(
        'Evasion',
        text(`Level ${pyramid.level} of the pyramid, ${LEVELS[pyramid.level - 1]}. What gets past it: ${startSmall(pyramid.because)}`),
      ),
      ...section('False positives', list(falsepositives)),
      ...section('Tests', table(['events', 'found'], [...rowsOf(tests.detects, 'yes'), ...rowsOf(tests.ignores, 'no')])),
      ...section('References', list(references)),
    ],
  };
}

function conditionBlocks({ condition, threshold, sequence }: Detection) {
  const seconds = (milliseconds: number) => `${milliseconds / 1000} s`;
  if (sequence !== undefined)
    return [
      text(`One after the other within ${seconds(sequence.within)}, in the same ${sequence.by}:`),
      ...sequence.steps.map((step) => code(step.condition, 'cel')),
    ];
  const often =
    threshold === undefined
      ? []
      : [
          text(
            `${threshold.count} times${threshold.distinct === undefined ? '' : `, each with another \`${threshold.distinct}\``}, within ${seconds(threshold.within)}, in the same ${threshold.by}.`,
          ),
        ];
  return [code(condition ?? '', 'cel'), ...often];
}

const rowsOf = (tests: readonly DetectionTest[], found: string): string[][] => tests.map(({ name }) => [name, found]);
const startSmall = (sentence: string): string => sentence.charAt(0).toLowerCase() + sentence.slice(1);

/** The rules of the reference detector, with how each is scored. */
export function detectionIndex(detections: readonly Detection[]): Page {
  const rows = detections.map(({ name, title, alert, level, pyramid }) => [
    `[\`${name}\`](${name}.md)`,
    title,
    `\`${alert}\``,
    level,
    String(pyramid.level),
  ]);
  return {
    kind: 'overview',
    name: 'Detections',
    summary:
      'The rules of the reference detector, in detections/: what `sim detect` evaluates over a recording, and the source `sensor` while a playbook runs.',
    sections: [
      ...section('', table(['rule', 'title', 'raises', 'level', 'pyramid'], rows)),
      ...section(
        'How rules are scored',
        text(
          'Each rule has a level of "Summiting the Pyramid", the scale of the Center for Threat-Informed Defense for how hard a rule is to evade. Level 1 falls with a value that the attacker changes freely, and no rule is there. Level 2 rests on what a tool is that the attacker brings along, level 3 on tools that are there already, level 4 on some ways of carrying out the technique, level 5 on the technique itself. Where parts of a condition are joined by "and", the weakest counts; where by "or", the strongest, for all of them must be evaded. Each page says what gets past the rule.',
        ),
      ),
      ...section(
        'What a rule reads',
        text(
          'Of a process: `process.names` (what it is called: by its file, by its first argument, without a version, within busybox), `args`, `commandLine`, `script` (the command line and all that is encoded in it), `executable`, `pid`, `uid`, `age` in seconds, `interactive`; the same of `parent` and of each of `ancestors`, whose `script` is the command line as it is; `drift`, `fileNames`, `pod`, `podNamespace`, `container`. Of a file `path` and `access`; of a connection `address`, `port`, `protocol`. Of a request to the API server `verb`, `action` (create, change, delete, read, connect: server-side apply creates by `patch`), `resource` with its subresource, `apiGroup`, `objectNamespace`, `name`, `user`, `groups`, `serviceAccount`, `home` (its namespace), `system` (a part of the cluster), `fromPod`, `impersonated`, `code`, `userAgent`, `genericClient`, `uri`, `object` (the body) and `pods` (what the body would start).',
        ),
      ),
      ...section(
        'What it does not see',
        list([
          'What a shell does by itself, without a program, a file or a connection, from a script that is on no command line.',
          'Which change a JSON patch makes to what is there already, beyond what it adds.',
          'Without the audit log of the API server, all that happens in the control plane.',
        ]),
      ),
    ],
  };
}
