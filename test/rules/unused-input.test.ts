import { expect, test } from 'vitest';
import { unusedInput } from '../../src/rules/unused-input.ts';
import { playbookOf } from '../fakes/step-types.ts';
import { findingsOf } from './findings.ts';

const find = (step: string, variables = '') =>
  findingsOf(unusedInput, playbookOf(`  - ${step}\n`, `inputs: {n: {type: integer, default: 1}}\n${variables}`));

test('an input that nothing reads', () => {
  expect(find('{install: {chart: n}}')).toEqual(['4:10: warning: nothing reads the input `n`']);
});

test.each([
  ['a body', '{command: {pod: p, argv: ["x ${{ inputs.n }}"]}}', ''],
  ['`when`', '{when: inputs.n > 1, install: {chart: x}}', ''],
  ['a variable', '{install: {chart: x}}', 'variables: {v: "${{ inputs.n }}"}\n'],
  ['the whole map', '{command: {pod: p, argv: ["${{ inputs.map(x, x) }}"]}}', ''],
])('read in %s', (_, step, variables) => expect(find(step, variables)).toEqual([]));
