import { expect, test } from 'vitest';
import { unknownAttackTechnique } from '../../src/rules/unknown-attack-technique.ts';
import { playbookOf } from '../fakes/step-types.ts';
import { findingsOf, fixedBy } from './findings.ts';

const text = (ids: string) => playbookOf(`  - {attack: [${ids}], command: {pod: p, argv: [x]}}\n`);

test('techniques and sub-techniques in use are fine', () => {
  expect(findingsOf(unknownAttackTechnique, text('T1046, T1552.007'))).toEqual([]);
});

test('an id that never was, at its place in the list', () => {
  expect(findingsOf(unknownAttackTechnique, text('T1046, T9999'))).toEqual(['5:22: warning: ATT&CK 18.1 has no technique `T9999`']);
});

test('an id that was given up is replaced by its successor, quotes and all', () => {
  expect(findingsOf(unknownAttackTechnique, text('"T1086"'))).toEqual([
    '5:15: warning: ATT&CK has given up the technique `T1086` (PowerShell)',
  ]);
  expect(fixedBy(unknownAttackTechnique, text('"T1086", T1046'))).toBe(text('T1059.001, T1046'));
});

test('nothing is changed where no successor is, or where it stands there already: a technique may stand once', () => {
  for (const ids of ['T1064', 'T1086, T1059.001']) {
    expect(findingsOf(unknownAttackTechnique, text(ids))).toHaveLength(1);
    expect(fixedBy(unknownAttackTechnique, text(ids))).toBe(text(ids));
  }
});
