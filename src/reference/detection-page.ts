// The page of a detection rule: what it looks for, what it takes for an attack wrongly, and how it is evaded.
import type { Detection, DetectionTest } from '../detector/detection.ts';
import type { Definitions } from './definitions.ts';
import { code, list, type Page, section, table, text } from './page.ts';
import { techniqueText } from './technique-text.ts';

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
