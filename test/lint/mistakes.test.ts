// mistakes.md: for each mistake that people make, the first finding names the cause, at its place, and says what to do.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { References } from '../../src/language/references.ts';
import { locate } from '../../src/language/source.ts';
import { lint } from '../../src/rules/lint.ts';
import { stepTypes } from '../../src/steps/index.ts';

const table = readFileSync(new URL('mistakes.md', import.meta.url), 'utf8');
const head = /```yaml\n([\s\S]*?)```/.exec(table)?.[1] ?? '';
const mistakes = [...table.matchAll(/^### (.+)\n\n```yaml\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```$/gm)].map(
  ([, title = '', text = '', expected = '']) => ({
    title,
    marked: text.startsWith('apiVersion') || text.startsWith('«api') ? text : head + text,
    expected,
  }),
);
const template = `apiVersion: kubesim/v1alpha1
kind: StepTemplate
metadata: {name: ask, title: Ask}
inputs: {script: {type: string, default: id}}
steps: [{exec: {pod: victim, shell: "\${{ inputs.script }}"}}]
`;
const references: References = new Map([['steps/ask.yaml', { kind: 'file', text: template }]]);
const catalogue = readdirSync(new URL('../../alerts/', import.meta.url)).map((name) => name.replace('.yaml', ''));

test('the table is read whole, and no mistake stands there twice', () => {
  expect(mistakes).toHaveLength(table.match(/^### /gm)?.length ?? 0);
  expect(mistakes.length).toBeGreaterThanOrEqual(60);
  expect(new Set(mistakes.map(({ marked }) => marked)).size).toBe(mistakes.length);
});

test.each(mistakes)('$title', ({ marked, expected }) => {
  const source = { name: 'sample.yaml', text: marked.replace('«', '').replace('»', '') };
  const { playbook, diagnostics } = lint(source, { steps: stepTypes, catalogue, references });
  const [first] = locate(source, diagnostics);
  expect(playbook).toBeUndefined();
  const { line, column, severity, message, rule, hint } = first ?? expect.fail('nothing was found');
  expect(`${line}:${column}: ${severity}: ${message} [${rule}]\n${hint === undefined ? '' : `= ${hint}\n`}`).toBe(expected);
  const start = marked.indexOf('«');
  const span = diagnostics.map((each) => each.span).sort((a, b) => a.start - b.start)[0];
  expect(span).toEqual({ start, end: marked.indexOf('»') - 1 });
});
