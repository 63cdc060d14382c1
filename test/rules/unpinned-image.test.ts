import { expect, test } from 'vitest';
import { unpinnedImage } from '../../src/rules/unpinned-image.ts';
import { playbookOf } from '../fakes/step-types.ts';
import { findingsOf } from './findings.ts';

const find = (values: string) =>
  findingsOf(unpinnedImage, playbookOf(`  - install: {chart: x, values: ${values}}\n`, 'inputs: {i: {type: string, default: "a:1"}}\n'));

test('a version alone can be moved', () => {
  expect(find('{image: "registry.invalid/a:1.2"}')).toEqual(['6:41: info: the image `registry.invalid/a:1.2` has no digest']);
  expect(find('{repository: a, tag: 1.2}')).toEqual(['6:54: info: the image `a:1.2` has no digest']);
});

test.each([
  ['a digest', '{image: "a:1@sha256:0"}'],
  ['an input is the choice of whoever runs it', '{image: "${{ inputs.i }}"}'],
  ['what latest-tag speaks of', '{image: "a:latest", other: {image: a}}'],
  ['no tag: that of the chart', '{repository: a, tag: ""}'],
])('%s', (_, values) => expect(find(values)).toEqual([]));
