import { expect, test } from 'vitest';
import type { Referenced } from '../../src/language/references.ts';
import { chartNotFound } from '../../src/rules/chart-not-found.ts';
import { playbookOf } from '../fakes/step-types.ts';
import { findingsOf } from './findings.ts';

const find = (chart: string, found?: Referenced, path = 'charts/a') =>
  findingsOf(chartNotFound, playbookOf(`  - install: {chart: "${chart}"}\n`, 'inputs: {c: {type: string, default: a}}\n'), {
    references: new Map(found === undefined ? [] : [[path, found]]),
  });

test.each<[string, Referenced, string]>([
  ['nothing is there', { kind: 'absent' }, 'there is no chart at `./charts//a`'],
  ['a folder of something else', { kind: 'folder', names: ['a.yaml'] }, 'the folder `./charts//a` is no chart: it holds no `Chart.yaml`'],
  ['a file', { kind: 'file', text: '' }, 'the file `./charts//a` is no chart'],
])('%s', (_, found, message) => expect(find('./charts//a', found)).toEqual([`6:22: error: ${message}`]));

test.each<[string, string, Referenced | undefined, string?]>([
  ['a chart', './charts/a', { kind: 'folder', names: ['Chart.yaml'] }],
  ['a packed chart', './charts/a.tgz', { kind: 'file', text: '' }, 'charts/a.tgz'],
  ['what was not read', './charts/a', undefined],
  ['what lies outside', './charts/a', { kind: 'outside' }],
  ['a name that is not known here', './charts/${{ inputs.c }}', { kind: 'absent' }],
])('%s is fine', (_, chart, found, path) => expect(find(chart, found, path)).toEqual([]));

test('where no file could be read, none is missed', () => {
  expect(findingsOf(chartNotFound, playbookOf('  - install: {chart: ./nowhere}\n'))).toEqual([]);
});
