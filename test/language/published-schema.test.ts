import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { publishedSchema } from '../../src/language/published-schema.ts';
import { stepTypes } from '../fakes/step-types.ts';

const schema = publishedSchema(stepTypes) as Record<string, unknown>;
// As strict as editors: no keyword or format of our own, but those that yaml-language-server and VS Code read.
const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });
ajv.addVocabulary(['defaultSnippets', 'errorMessage', 'markdownDescription', 'patternErrorMessage']);
const validate = ajv.compile(schema);
const playbook = (step: unknown, more: object = {}) => ({
  apiVersion: 'kubesim/v1',
  kind: 'Playbook',
  metadata: { name: 'sample', title: 'Sample' },
  steps: [step],
  ...more,
});

test.each([
  { command: { pod: 'victim', argv: ['x'], port: 443, delay: '1m30s' } },
  {
    command: {
      pod: '${{ inputs.pod }}',
      argv: ['x'],
      port: '${{ inputs.port }}',
      method: '${{ inputs.m }}',
      delay: '${{ inputs.d }}',
      verbose: '${{ true }}',
    },
  },
  {
    command: { pod: { selector: 'a=b' }, argv: '${{ inputs.argv }}', expect: { exitCode: 0, stdout: { matches: '(?i)a' } } },
    attack: ['T1046'],
    timeout: '3s',
  },
  { install: { manifests: [{ kind: 'Pod' }] } },
  { 'expect-something': { alert: 'x', of: ['a'] } },
])('%j fits', (step) => {
  validate(playbook(step));
  expect(validate.errors).toBeNull();
});

test.each([
  {},
  { name: 'nothing' },
  { command: { pod: 'a', argv: ['x'] }, install: { chart: 'x' } },
  { command: { pod: 'a', argv: ['x'] }, timeuot: '3s' },
  { command: { pod: 'a', argv: ['x'] }, timeout: '3' },
  { command: { pod: 'a', argv: ['x'] }, timeout: '${{ inputs.t }}' },
  { command: { pod: 'a', argv: ['x'], port: '443' } },
  { command: { pod: 'a', argv: ['x'], method: 'get' } },
  { command: '${{ inputs.all }}' },
  { command: { argv: ['x'] } },
])('%j does not fit', (step) => expect(validate(playbook(step))).toBe(false));

test('every key has a description', () => {
  const missing: string[] = [];
  const visit = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return;
    const { properties } = node as { properties?: Record<string, { description?: string }> };
    for (const [key, value] of Object.entries(properties ?? {})) if (typeof value.description !== 'string') missing.push(`${path}/${key}`);
    for (const [key, value] of Object.entries(node)) if (key !== 'if') visit(value, `${path}/${key}`);
  };
  visit(schema, '');
  expect(missing.filter((path) => !path.includes('/pod/'))).toEqual([]);
});

test('nothing of our own is left in it', () => {
  expect(JSON.stringify(schema)).not.toMatch(/x-expression|x-says|x-suggest|x-variables|kubesim-duration|kubesim-regex/);
});
