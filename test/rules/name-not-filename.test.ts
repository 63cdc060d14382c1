import { expect, test } from 'vitest';
import { nameNotFilename } from '../../src/rules/name-not-filename.ts';
import { playbookOf } from '../fakes/step-types.ts';
import { findingsOf } from './findings.ts';

const text = playbookOf('  - install: {chart: x}\n');

test.each(['sample.yaml', 'sample.yml', 'deep/in/sample.yaml', 'C:\\books\\sample.yaml', '-'])('%s holds `sample`', (name) => {
  expect(findingsOf(nameNotFilename, text, { name })).toEqual([]);
});

test('another name is a finding', () => {
  expect(findingsOf(nameNotFilename, text, { name: 'books/other.yaml' })).toEqual([
    '3:18: warning: the name is `sample`, but the file is called `other`',
  ]);
});
