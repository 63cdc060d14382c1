import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { attackRows, attacksIn, microsoftRows, type Row, readCoverage, shareOf } from '../../scripts/coverage.ts';
import { pages, playbooks } from '../../scripts/docs.ts';
import { stepTypes } from '../../src/steps/index.ts';
import { repository } from '../steps/context.ts';

const data = readCoverage(readFileSync(join(repository, 'docs', 'coverage.yaml'), 'utf8'));
const attacks = (await playbooks({ steps: stepTypes })).flatMap(attacksIn);
const attack = attackRows(attacks, data);
const microsoft = microsoftRows(data);
const matrices = { "ATT&CK's Containers matrix": attack, "Microsoft's matrix": microsoft };
const notRun = (reason: string): Row => ({ id: 'T1', name: '', tactics: [], steps: [], notRun: reason });
const run: Row = { id: 'T2', name: '', tactics: [], steps: ['a.b'] };

test.each(Object.entries(matrices))('%s: each technique is run, or it is said why not; never both', (_, rows) => {
  const unclear = rows.filter(({ steps, notRun: reason }) => steps.length > 0 === (reason !== undefined));
  expect(unclear.map(({ id }) => id)).toEqual([]);
});

test.each(Object.entries(matrices))('%s: three quarters are run at least', (_, rows) => {
  expect(rows.filter(({ steps }) => steps.length > 0).length / rows.length).toBeGreaterThanOrEqual(0.75);
});

test('the matrices are there as a whole', () => {
  expect(attack).toHaveLength(48);
  // Microsoft counts from 9001 to 9041, and has given up 9032.
  const ids = Array.from({ length: 41 }, (_, index) => `MS-TA${9001 + index}`).filter((id) => id !== 'MS-TA9032');
  expect(microsoft.map(({ id }) => id)).toEqual(ids);
});

test('only techniques of the matrix have a reason not to be run', () => {
  expect(attack.map(({ id }) => id)).toEqual(expect.arrayContaining(Object.keys(data.attack.notRun)));
});

test('what is said to run a technique of Microsoft is a playbook, or an attack step of one', () => {
  const known = new Set(attacks.flatMap(({ step }) => [step, step.split('.')[0]]));
  expect(microsoft.flatMap(({ steps }) => steps).filter((step) => !known.has(step))).toEqual([]);
});

test('a technique is run where a sub-technique of it is, and not where only its name is alike', () => {
  const rows = attackRows([{ step: 'a.b', techniques: ['T1070.003', 'T1552.001'] }], { attack: { notRun: { T1046: 'no' } } });
  expect(rows.filter(({ steps }) => steps.length > 0).map(({ id }) => id)).toEqual(['T1070', 'T1552', 'T1552.001']);
  expect(rows.find(({ id }) => id === 'T1046')?.notRun).toBe('no');
});

test('the share is counted', () => {
  expect(shareOf([run, run, notRun('harm')])).toBe('2 of 3 (66.7 %)');
});

test('the page has a row for each technique, and both shares', async () => {
  const page = (await pages()).get('coverage.md') ?? '';
  for (const [title, rows] of Object.entries(matrices)) {
    expect(page, title).toContain(shareOf(rows));
    for (const { id } of rows) expect(page).toMatch(new RegExp(`^\\| ${id} `, 'm'));
  }
});
