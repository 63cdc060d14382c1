// From what somebody asks for to its page: step types, keys by their path, rules, alerts, techniques, functions.
import { formerTechniqueOf } from '../language/attack.ts';
import { celFunctions } from '../language/cel-functions.ts';
import { nearest } from '../language/suggest.ts';
import { alertPage } from './alert-page.ts';
import { type Definitions, documentsOf } from './definitions.ts';
import { expressionPage, functionPage } from './expression-page.ts';
import { findKey, keyPage } from './key-page.ts';
import { list, type Page, section, table, text } from './page.ts';
import { playbookPage } from './playbook-page.ts';
import { rulePage } from './rule-page.ts';
import { stepPage } from './step-page.ts';
import { techniquePage } from './technique-page.ts';

/** The page, or what is wrong with the question. */
export type Explained = { page: Page } | { problem: string; hint: string };

/** Explains a topic as it was typed; without one, says what can be asked for. */
export function explain(topic: string | undefined, definitions: Definitions): Explained {
  if (topic === undefined) return { page: overviewPage(definitions) };
  const page = pageOf(topic, definitions);
  if (page !== undefined) return { page };
  const [first = '', ...rest] = topic.split('.');
  const keys = own(keyRoots(definitions), first);
  if (keys !== undefined && rest.length > 0) return keyIn(topic, first, rest, definitions);
  const former = formerTechniqueOf(topic.toUpperCase());
  if (former !== undefined) {
    const hint = former.successor === undefined ? 'nothing took its place' : `it became \`${former.successor}\``;
    return { problem: `ATT&CK has given up ${former.id} (${former.name})`, hint };
  }
  const names = topicNames(definitions);
  const meant = pathOfKey(topic, definitions) ?? nearest(topic, names) ?? nearest(first, names);
  const hint = meant === undefined ? 'sim explain, without a topic, says what can be asked for' : `did you mean \`${meant}\`?`;
  return { problem: `there is nothing to explain about \`${topic}\``, hint };
}

/** Where a key stands that was asked for without its place. */
function pathOfKey(key: string, definitions: Definitions): string | undefined {
  const roots = Object.entries(keyRoots(definitions)).reverse();
  const root = roots.find(([, schema]) => 'schema' in findKey(schema, [key]));
  return root === undefined ? undefined : `${root[0]}.${key}`;
}

function pageOf(topic: string, definitions: Definitions): Page | undefined {
  const { steps, rules, alerts, techniqueOf } = definitions;
  const step = steps.find(({ type }) => type === topic);
  if (step !== undefined) return stepPage(step, steps);
  if (topic === 'playbook') return playbookPage(steps);
  const document = own(documentsOf(steps), topic);
  if (document !== undefined) return { ...keyPage(topic, { schema: document.schema, required: false }), summary: document.summary };
  const rule = rules.find(({ id }) => id === topic);
  if (rule !== undefined) return rulePage(rule);
  const alert = alerts.get(topic);
  if (alert !== undefined) return alertPage(alert, definitions);
  const technique = techniqueOf(topic.toUpperCase());
  if (technique !== undefined) return techniquePage(technique, definitions);
  if (topic === 'expressions') return expressionPage(definitions);
  const found = celFunctions().find(({ name }) => name === topic);
  if (found !== undefined) return functionPage(found);
  return own(indexes(definitions), topic);
}

/** People ask for anything, `constructor` too. */
const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined => (Object.hasOwn(record, key) ? record[key] : undefined);

/** What a path may begin with: `playbook`, `step`, or a step type. */
function keyRoots({ steps }: Definitions) {
  const types = steps.map(({ type, schema }) => [type, schema] as const);
  return Object.fromEntries([...types, ...Object.entries(documentsOf(steps)).map(([name, { schema }]) => [name, schema] as const)]);
}

function keyIn(topic: string, first: string, path: string[], definitions: Definitions): Explained {
  const found = findKey(keyRoots(definitions)[first] ?? {}, path);
  if ('schema' in found) return { page: keyPage(topic, found) };
  const { at, missing, keys } = found;
  const where = [first, ...at].join('.');
  const meant = nearest(missing, keys);
  const there = keys.length === 0 ? 'it has no keys' : `it has ${keys.map((key) => `\`${key}\``).join(', ')}`;
  return {
    problem: `\`${where}\` has no key \`${missing}\``,
    hint: meant === undefined ? there : `did you mean \`${where}.${meant}\`?`,
  };
}

/** Pages that list things of one kind. */
function indexes({ steps, rules, alerts }: Definitions): Record<string, Page> {
  const index = (name: string, summary: string, rows: [string, string][]): Page => ({
    kind: 'overview',
    name,
    summary,
    sections: section(
      '',
      table(
        ['name', 'what it is'],
        rows.map(([id, words]) => [`\`${id}\``, words]),
      ),
    ),
  });
  return {
    steps: index(
      'steps',
      'What a step can do: one of these keys names its type.',
      steps.map(({ type, summary }) => [type, summary]),
    ),
    rules: index(
      'rules',
      'What lint finds.',
      rules.map(({ id, summary }) => [id, summary]),
    ),
    alerts: index(
      'alerts',
      'The catalogue of alerts that can be expected.',
      [...alerts.values()].map(({ id, description }) => [id, description]),
    ),
    functions: index(
      'functions',
      'The functions of expressions.',
      celFunctions().map(({ name, description }) => [name, description]),
    ),
  };
}

function overviewPage(definitions: Definitions): Page {
  const { steps } = definitions;
  const documents = Object.entries(documentsOf(steps));
  return {
    kind: 'overview',
    name: 'sim explain',
    summary: 'Explains the language from the definitions that lint and the engine work by.',
    sections: [
      ...section(
        'Keys',
        text('By their path: `playbook.metadata.risk`, `step.timeout`, `exec.expect.stdout`.'),
        list(documents.map(([name, { summary }]) => `\`${name}\`: ${summary}`)),
      ),
      ...section('Step types', list(steps.map(({ type, summary }) => `\`${type}\`: ${summary}`))),
      ...section(
        'Others',
        list([
          'a lint rule, such as `duplicate-id`; `rules` lists them',
          'an alert of the catalogue, such as `web-shell-activity`; `alerts` lists them',
          'an ATT&CK technique, such as `T1046`',
          '`expressions`; a function, such as `base64`; `functions` lists them',
        ]),
      ),
    ],
  };
}

/** Every name that can be asked for, but for paths and techniques. */
export function topicNames(definitions: Definitions): string[] {
  const { steps, rules, alerts } = definitions;
  return [
    ...steps.map(({ type }) => type),
    ...Object.keys(documentsOf(steps)),
    ...rules.map(({ id }) => id),
    ...alerts.keys(),
    'expressions',
    ...Object.keys(indexes(definitions)),
    ...celFunctions().map(({ name }) => name),
  ];
}
