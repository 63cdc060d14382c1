// What holds for every step type: its example and our playbooks lint clean, editors' schema is current, and nothing outside knows it by name.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { localCheckout } from '../../src/adapters/checkout.ts';
import { localFiles } from '../../src/adapters/files.ts';
import { parseCatalogue } from '../../src/alerts/catalogue.ts';
import { referencesOf } from '../../src/commands/references.ts';
import { schemaText } from '../../src/commands/schema.ts';
import { refusals } from '../../src/engine/confine.ts';
import { planPlaybook, planRefusals } from '../../src/engine/plan.ts';
import { resolveInputs } from '../../src/language/inputs.ts';
import type { Source } from '../../src/language/source.ts';
import { STAND_IN_RUN } from '../../src/language/stand-in-run.ts';
import type { Charts } from '../../src/ports/charts.ts';
import type { KubernetesObject } from '../../src/ports/cluster.ts';
import { lint } from '../../src/rules/lint.ts';
import { stepTypes } from '../../src/steps/index.ts';
import { fakeCluster } from '../fakes/cluster.ts';
import { repository } from './context.ts';

const read = (...path: string[]) => readFileSync(join(repository, ...path), 'utf8');
const namesIn = (folder: string) => readdirSync(join(repository, folder));
const sourcesIn = (folder: string) =>
  readdirSync(join(repository, folder), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
const alerts = parseCatalogue(namesIn('alerts').map((name) => ({ name, text: read('alerts', name) })));
const catalogue = [...alerts.keys()];
const checkout = localCheckout(repository);
const findings = async (name: string, text: string) =>
  (await lintWithReferences({ name: join(repository, name), text })).diagnostics.map(
    ({ message, rule, hint }) => `${message} [${rule}] ${hint ?? ''}`,
  );

async function lintWithReferences(source: Source) {
  return lint(source, { steps: stepTypes, catalogue, references: await referencesOf(source, stepTypes, checkout) });
}

describe.each(stepTypes.map((definition) => [definition.type, definition] as const))('%s', (type, definition) => {
  test('its example lints clean, shows the step, and is called by its name', async () => {
    const name = `playbooks/${type}.yaml`;
    expect(await findings(name, definition.example)).toEqual([]);
    const { playbook } = await lintWithReferences({ name: join(repository, name), text: definition.example });
    expect(playbook?.steps.map((step) => step.type)).toContain(type);
  });

  test('everything is described', () => {
    expect(definition.summary).toMatch(/^[A-Z][^\n]*\.$/);
    expect(Object.values(definition.outputs).every(({ description }) => description.length > 5)).toBe(true);
    expect(undescribed(definition.schema, type)).toEqual([]);
    expect(definition.defaultTimeout).toBeGreaterThan(0);
    expect(definition.run === undefined).toBe(definition.expects !== undefined);
  });

  test('lint knows the programs that it runs', () => {
    const { properties } = definition.schema as { properties: Record<string, unknown> };
    const runs = ['command', 'shell', 'script'].filter((key) => key in properties);
    if (runs.length > 0) expect(definition.commands).toBeDefined();
    for (const key of runs) {
      const found = definition.commands?.({ [key]: key === 'command' ? ['id'] : 'id' });
      expect(found?.map(({ path }) => path[0])).toEqual([key]);
    }
  });

  test('its file is named as it is', () => expect(namesIn('src/steps')).toContain(`${type}.ts`));
});

/** Paths of properties without a description. */
function undescribed(schema: unknown, path: string): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties = {}, ...rest } = schema as { properties?: Record<string, { description?: string }> };
  // Conditions refer to properties that are described elsewhere.
  const conditions = new Set(['if', 'then', 'else']);
  const inner = Object.entries(rest).flatMap(([keyword, value]) => (conditions.has(keyword) ? [] : undescribed(value, path)));
  return [
    ...inner,
    ...Object.entries(properties).flatMap(([name, property]) => [
      ...(property.description === undefined ? [`${path}.${name}`] : []),
      ...undescribed(property, `${path}.${name}`),
    ]),
  ];
}

const playbooks = ['playbooks', 'playbooks/steps'].flatMap((folder) =>
  namesIn(folder).flatMap((name) => (name.endsWith('.yaml') ? [`${folder}/${name}`] : [])),
);

test.each(playbooks)('%s lints clean', async (name) => expect(await findings(name, read(name))).toEqual([]));

describe('what lints clean can run', async () => {
  const resources = await fakeCluster().resources(new AbortController().signal);
  // What a chart holds, helm alone can tell: test/charts has it.
  const charts: Charts = { render: async () => [], version: async () => ({ path: 'helm', version: '4.0.0' }) };
  const texts = [
    ...playbooks.map((name): [string, string] => [name, read(name)]),
    ...stepTypes.map(({ type, example }): [string, string] => [`playbooks/${type}.yaml`, example]),
  ];
  /** What lint finds wrong, and what a cluster would be refused of what it lets pass. */
  const judge = async (name: string, text: string) => {
    const { playbook, diagnostics } = await lintWithReferences({ name: join(repository, name), text });
    const wrong = diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message);
    if (playbook === undefined) return { wrong, refused: [] };
    const run = { ...STAND_IN_RUN, playbook: playbook.metadata.name };
    const folder = join(repository, dirname(name));
    const context = { run, folder, charts, files: localFiles(), signal: new AbortController().signal };
    const { values } = resolveInputs(playbook, {});
    const plan = await planPlaybook(playbook, values, context, stepTypes);
    return { wrong, refused: planRefusals(plan, playbook, run.namespace, resources) };
  };

  test.each(texts)('%s', async (name, text) => expect(await judge(name, text)).toEqual({ wrong: [], refused: [] }));

  test('and what a run would refuse does not lint clean, with the same words', async () => {
    const objects = [
      '{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {hostPID: true, priorityClassName: system-node-critical}}',
      '{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default}}',
      '{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: a}, aggregationRule: {}}',
    ];
    for (const object of objects) {
      const text = `apiVersion: kubesim/v1\nkind: Playbook\nmetadata: {name: a, title: A, description: A}\nsteps: [{deploy: {manifests: [${object}]}}]\n`;
      const { wrong } = await judge('playbooks/a.yaml', text);
      const { namespace } = STAND_IN_RUN;
      const said = refusals(parse(object) as KubernetesObject, { namespace, risk: 'low', resources });
      expect(said).not.toEqual([]);
      expect(wrong.sort()).toEqual(said.sort());
    }
  });
});

test('schemas/playbook.schema.json is current: `sim schema --write` makes it so', () => {
  expect(read('schemas', 'playbook.schema.json') === schemaText(stepTypes, alerts)).toBe(true);
});

test('an editor that checks by the schema accepts our playbooks and examples, and sees what is wrong', () => {
  const accepts = new Ajv2020({ strict: false, logger: false }).compile(JSON.parse(schemaText(stepTypes, alerts)));
  const texts = [...playbooks.map((name) => read(name)), ...stepTypes.map(({ example }) => example)];
  for (const text of texts) expect(accepts(parse(text)), JSON.stringify(accepts.errors)).toBe(true);
  const playbook = parse(texts[0] ?? '') as { steps: object[] };
  for (const step of [{ wait: {} }, { curl: { pod: 'a', url: '/' } }, { exec: { pod: 'a' } }, { deploy: { manifests: ['/a'] } }])
    expect(accepts({ ...playbook, steps: [step] }), JSON.stringify(step)).toBe(false);
});

test('nothing outside src/steps knows a step type by its name', () => {
  const quoted = new RegExp(`['"\`](${stepTypes.map(({ type }) => type).join('|')})['"\`]`);
  const folders = ['language', 'rules', 'engine'].map((folder) => join('src', folder));
  const lines = folders.flatMap((folder) =>
    sourcesIn(folder).flatMap((name) =>
      read(folder, name)
        .split('\n')
        .filter((line) => !/^\s*(\/\/|\*|\/\*)/.test(line) && quoted.test(line))
        .map((line) => `${folder}/${name}: ${line.trim()}`),
    ),
  );
  expect(lines).toEqual([]);
});
