import { expect, test } from 'vitest';
import { pathOutside } from '../../src/rules/path-outside.ts';
import { playbookOf } from '../fakes/step-types.ts';
import { findingsOf } from './findings.ts';

const text = playbookOf('  - install: {chart: ../../../a}\n  - install: {manifests: [./b.yaml]}\n');

test('a path that leads out of the checkout, by dots or by a link', () => {
  expect(
    findingsOf(pathOutside, text, {
      references: new Map([
        ['../../../a', { kind: 'outside' }],
        ['b.yaml', { kind: 'outside' }],
      ]),
    }),
  ).toEqual([
    '5:22: warning: `../../../a` leads out of the checkout, so that nothing is known of what stands there',
    '6:27: warning: `./b.yaml` leads out of the checkout, so that nothing is known of what stands there',
  ]);
});

test('what is only missing does not lead out', () => {
  expect(findingsOf(pathOutside, text, { references: new Map([['../../../a', { kind: 'absent' }]]) })).toEqual([]);
});
