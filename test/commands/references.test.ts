// What lint reads of the files that a playbook names.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { localCheckout } from '../../src/adapters/checkout.ts';
import { referencesOf } from '../../src/commands/references.ts';
import type { Checkout } from '../../src/ports/checkout.ts';
import type { StepDefinition } from '../../src/steps/step.ts';
import { playbookOf, stepTypes } from '../fakes/step-types.ts';

let top: string;
let folder: string;
const put = (name: string, text: string) => {
  mkdirSync(dirname(join(top, name)), { recursive: true });
  writeFileSync(join(top, name), text);
};

beforeAll(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'references-')));
  folder = join(top, 'work');
  put('work/.git/HEAD', '');
  put('work/charts/good/Chart.yaml', 'name: good');
  put(
    'work/steps/one.yaml',
    playbookOf('  - uses: ./two.yaml\n  - install: {chart: ../charts/good}\n').replace('kind: Playbook', 'kind: StepTemplate'),
  );
  put('work/steps/two.yaml', playbookOf('  - uses: ../../secret.yaml\n'));
  put('work/large.yaml', '#'.repeat(1024 * 1024 + 1));
  put('secret.yaml', 'secret');
  symlinkSync('../secret.yaml', join(folder, 'link.yaml'));
  execFileSync('mkfifo', [join(folder, 'pipe.yaml')]);
});
afterAll(() => rmSync(top, { recursive: true, force: true }));

const withCharts = stepTypes.map(
  (each): StepDefinition =>
    each.type === 'install'
      ? { ...each, references: (body) => [{ path: ['chart'], file: (body as { chart: string }).chart, kind: 'chart' }] }
      : each,
);
const read = async (steps: string, at = folder) =>
  Object.fromEntries(await referencesOf({ name: 'playbooks/sample.yaml', text: playbookOf(steps) }, withCharts, localCheckout(at)));

test('files, folders and what they name in turn, by their paths from the playbook; nothing outside the checkout', async () => {
  const found = await read(
    '  - uses: ../steps/one.yaml\n  - uses: ../gone.yaml\n  - uses: ../link.yaml\n  - install: {chart: /etc/passwd}\n',
  );
  expect(found).toEqual({
    '../steps/one.yaml': { kind: 'file', text: expect.stringContaining('StepTemplate') },
    '../steps/two.yaml': { kind: 'file', text: expect.stringContaining('secret.yaml') },
    '../charts/good': { kind: 'folder', names: ['Chart.yaml'] },
    '../../secret.yaml': { kind: 'outside' },
    '../gone.yaml': { kind: 'absent' },
    '../link.yaml': { kind: 'outside' },
    'etc/passwd': { kind: 'absent' },
  });
});

test('of pipes and large files nothing is known', async () => {
  expect(await read('  - uses: ../pipe.yaml\n  - uses: ../large.yaml\n')).toEqual({});
});

test('what several playbooks of a checkout name is looked at once', async () => {
  const real = localCheckout(folder);
  const looked: string[] = [];
  const counting: Checkout = {
    ...real,
    look(path, options) {
      looked.push(path);
      return real.look(path, options);
    },
  };
  const text = playbookOf('  - uses: ../steps/one.yaml\n');
  const first = await referencesOf({ name: 'playbooks/a.yaml', text }, withCharts, counting);
  const second = await referencesOf({ name: 'playbooks/b.yaml', text }, withCharts, counting);
  expect(second).toEqual(first);
  expect(looked).toEqual(['steps/one.yaml', 'steps/two.yaml', '../secret.yaml', 'charts/good']);
});
