// Every file in test/lint/ok is silent; every file in test/lint/err gives exactly the lines of the .out file beside it.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { locate } from '../../src/language/source.ts';
import { rules } from '../../src/rules/index.ts';
import { lint } from '../../src/rules/lint.ts';
import { stepTypes } from '../fakes/step-types.ts';

const folder = new URL('../lint/', import.meta.url);
const context = { steps: stepTypes, catalogue: ['network-scanning-tool', 'web-shell-activity'] };
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

test('each rule is named as its file, and has an err fixture', () => {
  const files = readdirSync(new URL('../../src/rules/', import.meta.url)).map((name) => name.replace('.ts', ''));
  for (const { id, summary } of rules) {
    expect(files).toContain(id);
    expect(playbooks('err')).toContain(`${id}.yaml`);
    expect(summary).toMatch(/^[A-Z`].*\.$/);
  }
  expect(files.filter((name) => !['index', 'language-rules', 'lint', 'rule'].includes(name)).sort()).toEqual(
    rules.map(({ id }) => id).sort(),
  );
});
