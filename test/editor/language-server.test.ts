// What an author sees while typing: the real yaml-language-server with our schema, read from the disk. SIM_EDITOR_LOG=FILE writes down the
// whole conversation.
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { env } from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseCatalogue } from '../../src/alerts/catalogue.ts';
import { publishedSchema } from '../../src/language/published-schema.ts';
import { locate } from '../../src/language/source.ts';
import { lint } from '../../src/rules/lint.ts';
import { stepTypes } from '../../src/steps/index.ts';
import { stepTypes as fakeTypes } from '../fakes/step-types.ts';
import { repository } from '../steps/context.ts';
import { type EditorFinding, type LanguageServer, startLanguageServer } from './language-server.ts';

const MODELINE = '# yaml-language-server: $schema=../schemas/playbook.schema.json\n';
const HEAD = `${MODELINE}apiVersion: kubesim/v1\nkind: Playbook\nmetadata: {name: draft, title: A draft}\n`;
/** Where the cursor is. */
const CURSOR = '¦';

let editor: LanguageServer;
beforeAll(async () => {
  editor = await startLanguageServer(repository);
});
afterAll(() => editor.stop());

function log(title: string, text: string, lines: readonly string[]): void {
  if (env.SIM_EDITOR_LOG === undefined) return;
  const shown = text.split('\n').map((line, index) => `${String(index + 1).padStart(4)} | ${line}`);
  appendFileSync(env.SIM_EDITOR_LOG, `== ${title}\n${shown.join('\n').trimEnd()}\n${lines.map((line) => `  -> ${line}\n`).join('')}\n`);
}

const place = ({ range: { start } }: EditorFinding) => `${start.line + 1}:${start.character + 1}`;
const told = (findings: readonly EditorFinding[]) => findings.map((finding) => `${place(finding)} ${finding.message}`);

/** Opens the text with the cursor in it. */
async function open(marked: string) {
  const at = marked.indexOf(CURSOR);
  const before = marked.slice(0, at).split('\n');
  const file = await editor.open('playbooks', marked.replace(CURSOR, ''));
  return { file, position: { line: before.length - 1, character: before.at(-1)?.length ?? 0 } };
}

async function complete(title: string, marked: string) {
  const { file, position } = await open(marked);
  const items = await file.complete(position);
  const wordsOf = (documentation: (typeof items)[number]['documentation']) =>
    (typeof documentation === 'string' ? documentation : (documentation?.value ?? '')).split('\n')[0] ?? '';
  const found = items.map(({ label, documentation, insertText }) => ({
    label,
    words: wordsOf(documentation),
    insertText: insertText ?? '',
  }));
  log(
    `completion: ${title}`,
    marked,
    found.map(({ label, words }) => `${label}${words === '' ? '' : `   (${words})`}`),
  );
  return found;
}

async function hover(title: string, marked: string) {
  const { file, position } = await open(marked);
  const text = (await file.hover(position)).replace(/\n*Source: \[.*$/s, '');
  log(
    `hover: ${title}`,
    marked,
    text.split('\n').filter((line) => line !== ''),
  );
  return text;
}

describe('completion', () => {
  test('of the keys of a playbook and of its metadata', async () => {
    const keys = await complete('keys of a playbook', `${MODELINE}${CURSOR}`);
    expect(keys.map(({ label }) => label)).toEqual(
      expect.arrayContaining(['apiVersion', 'kind', 'metadata', 'inputs', 'variables', 'steps', 'finally']),
    );
    const inside = await complete('keys of metadata', `${MODELINE}metadata:\n  ${CURSOR}\n`);
    expect(inside.map(({ label }) => label)).toEqual(expect.arrayContaining(['name', 'title', 'description', 'risk']));
  });

  test('of the keys of a step: the common ones and every type, each explained, and whole steps to begin with', async () => {
    const keys = await complete('keys of a step', `${HEAD}steps:\n  - name: Scan\n    ${CURSOR}\n`);
    const labels = keys.map(({ label }) => label);
    expect(labels).toEqual(expect.arrayContaining(['id', 'attack', 'when', 'timeout', 'retry', ...stepTypes.map(({ type }) => type)]));
    expect(labels).not.toContain('name');
    for (const { type, summary } of stepTypes) expect(keys.find(({ label }) => label === type)?.words).toBe(summary);
    expect(labels).toEqual(expect.arrayContaining(stepTypes.map(({ type }) => `${type} ...`)));
  });

  test('of a whole step inserts what lints clean', async () => {
    const steps = await complete('a step', `${HEAD}steps:\n  - ${CURSOR}\n`);
    for (const { type } of stepTypes) {
      const snippet = steps.find(({ label }) => label === `${type} ...`)?.insertText ?? '';
      // As an editor inserts it: indented like the line, with the places to fill in empty.
      const text = snippet.replaceAll('\n', '\n  ').replace(/\\([$}\\])/g, '$1');
      const { findings } = await editor.open('playbooks', `${HEAD}steps:\n  - ${text}\n`);
      expect(told(findings), text).toEqual([]);
    }
  });

  test('of the keys of a step type', async () => {
    const keys = await complete('keys of exec', `${HEAD}steps:\n  - exec:\n      ${CURSOR}\n`);
    expect(keys.map(({ label }) => label)).toEqual(expect.arrayContaining(['pod', 'command', 'shell', 'stdin', 'expect']));
  });

  test.each([
    ['block', `expect-alert:\n      alert: ${CURSOR}`],
    ['flow', `expect-alert: {alert: ${CURSOR}}`],
  ])('of alerts of the catalogue, in %s style', async (_, step) => {
    const alerts = await complete('alerts', `${HEAD}steps:\n  - ${step}\n`);
    const catalogue = parseCatalogue(
      readdirSync(join(repository, 'alerts')).map((name) => ({ name, text: readFileSync(join(repository, 'alerts', name), 'utf8') })),
    );
    expect(alerts.map(({ label }) => label)).toEqual(expect.arrayContaining([...catalogue.keys()]));
    expect(alerts.find(({ label }) => label === 'drift-binary')?.words).toContain(catalogue.get('drift-binary')?.description);
  });

  test.each([
    ['flow', `attack: [${CURSOR}]`],
    ['flow, begun', `attack: [T1${CURSOR}]`],
    ['block', `attack:\n      - ${CURSOR}`],
  ])('of techniques, in %s style', async (_, step) => {
    const techniques = await complete('techniques', `${HEAD}steps:\n  - ${step}\n`);
    expect(techniques.map(({ label }) => label)).toEqual(expect.arrayContaining(['T1046', 'T1552.005', 'T1610', 'T1611']));
    expect(techniques.find(({ label }) => label === 'T1046')?.words).toContain('Network Service Discovery (Discovery)');
  });

  test('of values from a list', async () => {
    expect((await complete('risk', `${MODELINE}metadata:\n  risk: ${CURSOR}\n`)).map(({ label }) => label)).toEqual(['low', 'high']);
    const severities = await complete('severity', `${HEAD}steps:\n  - expect-alert:\n      severity: ${CURSOR}\n`);
    expect(severities.map(({ label }) => label)).toEqual(['informational', 'low', 'medium', 'high', 'critical']);
  });
});

describe('hover', () => {
  test.each([
    ['a key of a step', `- na${CURSOR}me: x\n    exec: {pod: a, command: [x]}`, 'What the step does, for people.'],
    ['a default', `- continueOn${CURSOR}Error: true\n    exec: {pod: a, command: [x]}`, 'Default: `false`.'],
    ['a step type', `- ex${CURSOR}ec: {pod: a, command: [x]}`, 'Runs a program in a pod'],
    ['a key with alternatives', `- exec: {po${CURSOR}d: a, command: [x]}`, 'Which pod: the name of a role, or a selector.'],
    ['a matcher', `- exec: {pod: a, command: [x], expect: {exit${CURSOR}Code: 0}}`, 'Exit code'],
    ['a technique', `- attack: [T10${CURSOR}46]\n    exec: {pod: a, command: [x]}`, 'Network Service Discovery (Discovery)'],
    ['an alert', `- expect-alert: {alert: drift-${CURSOR}binary}`, "A program ran that is not part of the container's image."],
  ])('on %s', async (title, step, words) => {
    expect(await hover(title, `${HEAD}steps:\n  ${step}\n`)).toContain(words);
  });
});

describe('diagnostics', () => {
  const shipped = readdirSync(join(repository, 'playbooks'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.yaml'),
  );
  test.each(shipped)('none for playbooks/%s', async (name) => {
    const text = readFileSync(join(repository, 'playbooks', name), 'utf8');
    expect(told((await editor.open(join('playbooks', dirname(name)), text)).findings)).toEqual([]);
  });

  test.each(stepTypes.map(({ type, example }) => [type, example]))('none for the example of %s', async (_, example) => {
    expect(told((await editor.open('playbooks', example)).findings)).toEqual([]);
  });

  test.each([
    ['a misspelt key', '- exec: {pod: a, command: [x]}\n    timeuot: 3s', ['7:5 Property timeuot is not allowed.']],
    ['a misspelt key of a step type', '- exec: {pod: a, commnad: [x], command: [x]}', ['6:20 Property commnad is not allowed.']],
    [
      'two step types',
      '- exec: {pod: a, command: [x]}\n    wait: {duration: 1s}',
      ['6:5 Matches multiple schemas when only one must validate.'],
    ],
    ['no step type', '- name: Nothing', ['6:5 A step has exactly one key that names its type: ']],
    [
      'a duration without a unit',
      '- wait: {duration: 30s}\n    timeout: "30"',
      ['7:14 A duration is expected, such as 90s, 1m30s or 500ms.'],
    ],
    [
      'a technique that cannot be one',
      '- attack: [T46]\n    exec: {pod: a, command: [x]}',
      ['6:14 The value must be an ATT&CK technique such as `T1046` or `T1552.005`.'],
    ],
    ['a list that is text', '- exec: {pod: a, command: nmap}', ['6:29 ']],
    [
      'a severity that is none',
      '- expect-alert: {alert: a, severity: grave}',
      ['6:40 Value is not accepted. Valid values: "informational", "low"'],
    ],
    [
      'an unknown technique or alert: lint knows',
      '- attack: [T9999]\n    exec: {pod: a, command: [x]}\n  - expect-alert: {alert: my-own}',
      [],
    ],
  ])('%s', async (title, steps, expected) => {
    const text = `${HEAD}steps:\n  ${steps}\n`;
    const findings = told((await editor.open('playbooks', text)).findings);
    log(`diagnostics: ${title}`, text, findings);
    expect(findings).toEqual(expected.map((begin) => expect.stringContaining(begin)));
  });
});

describe('the playbooks of the linter', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sim-editor-'));
  let server: LanguageServer;
  beforeAll(async () => {
    mkdirSync(join(folder, 'schemas'));
    writeFileSync(join(folder, 'schemas', 'playbook.schema.json'), JSON.stringify(publishedSchema(fakeTypes)));
    server = await startLanguageServer(folder);
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });
  const files = (kind: 'ok' | 'err') => readdirSync(join(repository, 'test', 'lint', kind)).filter((name) => name.endsWith('.yaml'));
  const read = (kind: 'ok' | 'err', name: string) => readFileSync(join(repository, 'test', 'lint', kind, name), 'utf8');

  test.each(files('ok'))('none for ok/%s', async (name) => {
    expect(told((await server.open('playbooks', `${MODELINE}${read('ok', name)}`)).findings)).toEqual([]);
  });

  test.each(['unknown-key', 'missing-key', 'wrong-type', 'wrong-value', 'wrong-envelope', 'duplicate-key'])(
    'err/%s.yaml is underlined where lint finds something, too',
    async (name) => {
      const text = `${MODELINE}${read('err', `${name}.yaml`)}`;
      const lines = locate({ name, text }, lint({ name, text }, { steps: fakeTypes }).diagnostics).map(({ line }) => line);
      const { findings } = await server.open('playbooks', text);
      log(`diagnostics: err/${name}.yaml`, text, told(findings));
      expect(findings.length).toBeGreaterThan(0);
      for (const finding of findings) expect(lines, place(finding)).toContain(finding.range.start.line + 1);
    },
  );
});
