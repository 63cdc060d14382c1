// mistakes.md: for each mistake that people make, the first finding names the cause, at its place, and says what to do.
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { References } from '../../src/language/references.ts';
import { locate } from '../../src/language/source.ts';
import { lint } from '../../src/rules/lint.ts';
import { stepTypes } from '../../src/steps/index.ts';
import { mistakes, table } from './mistakes.ts';

const template = `apiVersion: kubesim/v1
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

test.each(mistakes)('$title', ({ marked, text, expected }) => {
  const source = { name: 'sample.yaml', text };
  const { playbook, diagnostics } = lint(source, { steps: stepTypes, catalogue, references });
  const [first] = locate(source, diagnostics);
  expect(playbook).toBeUndefined();
  const { line, column, severity, message, rule, hint } = first ?? expect.fail('nothing was found');
  const told = `${line}:${column}: ${severity}: ${message} [${rule}]\n${hint === undefined ? '' : `= ${hint}\n`}`;
  // The table leaves out the rest of long lists.
  if (expected.endsWith(', ...\n')) expect(told.slice(0, expected.length - 4)).toBe(expected.slice(0, -4));
  else expect(told).toBe(expected);
  const start = marked.indexOf('«');
  const span = diagnostics.map((each) => each.span).sort((a, b) => a.start - b.start)[0];
  expect(span).toEqual({ start, end: marked.indexOf('»') - 1 });
});
