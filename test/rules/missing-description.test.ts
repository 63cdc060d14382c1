import { expect, test } from 'vitest';
import { missingDescription } from '../../src/rules/missing-description.ts';
import { playbookOf } from '../fakes/step-types.ts';
import { findingsOf } from './findings.ts';

const text = playbookOf('  - install: {chart: x}\n', 'inputs: {a: {type: string, description: An a}, b: {type: string}}\n');

test('an input that does not say what it is for', () => {
  expect(findingsOf(missingDescription, text)).toEqual(['4:48: info: the input `b` has no description']);
});

test.each(['', 'description: " "'])('a playbook with {%s} does not say what happens', (description) => {
  const silent = text.replace('description: A sample', description).replace(', b: {type: string}', '');
  expect(findingsOf(missingDescription, silent)).toEqual(['3:1: info: the playbook has no description']);
});
