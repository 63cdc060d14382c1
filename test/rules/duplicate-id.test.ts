import { expect, test } from 'vitest';
import { duplicateId } from '../../src/rules/duplicate-id.ts';
import { playbookOf } from '../fakes/step-types.ts';
import { findingsOf } from './findings.ts';

test('an id may stand once, finally included', () => {
  const text = `${playbookOf('  - {id: a, name: First, install: {chart: x}}\n  - {id: b, install: {chart: x}}\n')}finally:\n  - {id: a, install: {chart: x}}\n`;
  expect(findingsOf(duplicateId, text)).toEqual(['8:10: error: the id `a` is taken by the step "First"']);
});

test('steps without an id are fine', () => {
  expect(findingsOf(duplicateId, playbookOf('  - {install: {chart: x}}\n  - {install: {chart: x}}\n'))).toEqual([]);
});
