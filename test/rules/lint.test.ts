// Every file in test/lint/ok is silent; every file in test/lint/err gives exactly the lines of the .out file beside it.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { locate } from '../../src/language/source.ts';
import { rules } from '../../src/rules/index.ts';
import { languageRules } from '../../src/rules/language-rules.ts';
import { lint, ruleInfos } from '../../src/rules/lint.ts';
import { stepTypes } from '../fakes/step-types.ts';
import { references } from '../lint/files.ts';

const folder = new URL('../lint/', import.meta.url);
const context = { steps: stepTypes, catalogue: ['network-scanning-tool', 'web-shell-activity'], references };
const playbooks = (kind: 'ok' | 'err') => readdirSync(new URL(kind, folder)).filter((name) => name.endsWith('.yaml'));
const read = (kind: 'ok' | 'err', name: string) => ({ name, text: readFileSync(new URL(`${kind}/${name}`, folder), 'utf8') });

test.each(playbooks('ok'))('ok/%s is clean', (name) => {
  const { playbook, diagnostics } = lint(read('ok', name), context);
  expect(diagnostics).toEqual([]);
  expect(playbook?.metadata.name).toBe(name.replace('.yaml', ''));
});

test.each(playbooks('err'))('err/%s', (name) => {
  const source = read('err', name);
  const { playbook, diagnostics } = lint(source, context);
  const findings = locate(source, diagnostics);
  const lines = findings.map(({ line, column, severity, message, rule }) => `${line}:${column}: ${severity}: ${message} [${rule}]\n`);
  expect(lines.join('')).toBe(read('err', name.replace('.yaml', '.out')).text);
  expect(playbook === undefined).toBe(findings.some(({ severity }) => severity === 'error'));
});

const filesIn = (folder: string) => readdirSync(new URL(`../../src/${folder}/`, import.meta.url));

test('each rule is named as its file, and has fixtures: one that shows it, one that is near and silent', () => {
  for (const { id } of rules) {
    expect(filesIn('rules')).toContain(`${id}.ts`);
    expect(playbooks('err')).toContain(`${id}.yaml`);
    expect(read('err', `${id}.out`).text).toContain(`[${id}]`);
    expect(playbooks('ok')).toContain(`${id}.yaml`);
  }
});

test('no file that holds a rule is missing in the list', () => {
  const holders = filesIn('rules').filter((name) => /^export const \w+: Rule = /m.test(source('rules', name)));
  expect(holders.sort()).toEqual(rules.map(({ id }) => `${id}.ts`).sort());
});

test('each finding of the language has a page and a fixture, too', () => {
  const written = filesIn('language').flatMap((name) =>
    [...source('language', name).matchAll(/(?:rule: |find\()((?:'[a-z-]+'(?: \| )?)+)/g)].flatMap(
      ([, ids = '']) => ids.match(/[a-z-]+/g) ?? [],
    ),
  );
  const ids = languageRules.map(({ id }) => id).sort();
  expect([...new Set(written)].sort()).toEqual(ids);
  for (const id of ids)
    expect(
      playbooks('err').some((name) => read('err', name.replace('.yaml', '.out')).text.includes(`[${id}]`)),
      id,
    ).toBe(true);
});

test.each(ruleInfos)('the page of $id says what is found, why it matters and what to write', ({ summary, why }) => {
  expect(summary).toMatch(/^[A-Z`][^\n]*\.$/);
  expect(why).toMatch(/^[A-Z`]/);
  expect(why.trim()).toMatch(/[.)]$/);
});

test('no id belongs to two', () => {
  const ids = ruleInfos.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

const source = (folder: string, name: string) => readFileSync(new URL(`../../src/${folder}/${name}`, import.meta.url), 'utf8');
