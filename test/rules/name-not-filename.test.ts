import { expect, test } from 'vitest';
import { nameNotFilename } from '../../src/rules/name-not-filename.ts';
import { playbookOf } from '../fakes/step-types.ts';
import { findingsOf, fixedBy } from './findings.ts';

const text = playbookOf('  - install: {chart: x}\n');

test.each(['sample.yaml', 'sample.yml', 'deep/in/sample.yaml', 'C:\\books\\sample.yaml', '-'])('%s holds `sample`', (name) => {
  expect(findingsOf(nameNotFilename, text, { name })).toEqual([]);
});

test('another name is a finding', () => {
  expect(findingsOf(nameNotFilename, text, { name: 'books/other.yaml' })).toEqual([
    '3:18: warning: the name is `sample`, but the file is called `other`',
  ]);
});

test('the fix takes the name of the file, where a playbook may be called so', () => {
  expect(fixedBy(nameNotFilename, text, { name: 'books/other.yaml' })).toBe(text.replace('name: sample', 'name: other'));
  expect(fixedBy(nameNotFilename, text, { name: 'Other One.yaml' })).toBe(text);
});
