import { expect, test } from 'vitest';
import { latestTag } from '../../src/rules/latest-tag.ts';
import { playbookOf } from '../fakes/step-types.ts';
import { findingsOf } from './findings.ts';

const ofImage = (image: string) =>
  playbookOf(
    `  - install: {manifests: [{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: "${image}"}]}}]}\n`,
    'inputs: {i: {type: string, default: "a:latest"}}\n',
  );
const ofValues = (values: string) => playbookOf(`  - install: {chart: x, values: ${values}}\n`);

test.each([
  ['busybox', 'the image `busybox` has no tag, which means `latest`'],
  ['registry.invalid:5000/a/b', 'the image `registry.invalid:5000/a/b` has no tag, which means `latest`'],
  ['a:latest', 'the image `a` has the tag `latest`'],
])('%s in an object', (image, message) => {
  expect(findingsOf(latestTag, ofImage(image)).map((line) => line.replace(/^[\d:]+ warning: /, ''))).toEqual([message]);
});

test.each(['a:1', 'a:latest@sha256:0', 'a@sha256:0', 'registry.invalid:5000/a:1', '${{ inputs.i }}', 'a:${{ inputs.i }}'])(
  '%s in an object is fine',
  (image) => expect(findingsOf(latestTag, ofImage(image))).toEqual([]),
);

test.each(['{repository: a, tag: latest}', '{repository: "a:latest", tag: ""}', '{image: a}', '{deep: [{image: "a:latest"}]}'])(
  '%s in the values of a chart',
  (values) => expect(findingsOf(latestTag, ofValues(values))).toHaveLength(1),
);

test.each([
  '{repository: a, tag: ""}',
  '{repository: a}',
  '{repository: a, tag: 1.2}',
  '{repository: a, tag: latest, digest: "sha256:0"}',
  '{image: {repository: a, tag: "1"}}',
])('%s in the values of a chart is fine, or the choice of the chart', (values) =>
  expect(findingsOf(latestTag, ofValues(values))).toEqual([]),
);
