import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { templates } from '../../src/reference/templates.ts';
import { repository } from '../steps/context.ts';
import { sim } from './session.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sim-new-'));
  // A checkout of its own, from which nothing may lead.
  mkdirSync(join(folder, '.git'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const alerts = readdirSync(join(repository, 'alerts')).map((name) => name.replace('.yaml', ''));
const choices = [...Object.keys(templates).map((name) => ['--template', name]), ...alerts.map((id) => ['--alert', id])] as [
  string,
  string,
][];

test.each(choices)('%s %s writes a playbook without a finding', async (option, value) => {
  const file = join(folder, 'playbooks', 'my-own.yaml');
  const written = await sim(['new', 'my-own', option, value, '--dir', join(folder, 'playbooks')]);
  expect({ code: written.code, stderr: written.stderr }).toEqual({ code: 0, stderr: '' });
  expect(written.stdout).toContain(`wrote ${file}\n`);
  for (const next of ['lint', 'plan', 'run']) expect(written.stdout).toContain(`sim ${next} ${file}`);
  expect(await sim(['lint', file])).toEqual({ code: 0, stdout: '', stderr: 'no findings in 1 file\n' });
  // A run would not refuse it either.
  expect((await sim(['plan', file])).code).toBe(0);
  if (option === '--alert') expect(readFileSync(file, 'utf8')).toContain(`expect-alert: {alert: ${value}, of: attack}`);
});

test('a template with the simulation brings its chart along, where there is none', async () => {
  const { stdout } = await sim(['new', 'shell', '-t', 'web-shell', '--dir', join(folder, 'playbooks')]);
  expect(stdout).toContain(`wrote ${join(folder, 'charts', 'simulation')}`);
  expect(existsSync(join(folder, 'charts', 'simulation', 'Chart.yaml'))).toBe(true);
  expect((await sim(['new', 'other', '-t', 'web-shell', '--dir', join(folder, 'playbooks')])).stdout).not.toContain('charts');
});

test('the schema is named by a path: relative inside the project, whole outside', async () => {
  await sim(['new', 'a', '--dir', folder]);
  expect(readFileSync(join(folder, 'a.yaml'), 'utf8')).toMatch(`$schema=${join(repository, 'schemas', 'playbook.schema.json')}\n`);
  const inside = mkdtempSync(join(repository, 'test', 'tmp-'));
  try {
    await sim(['new', 'a', '--dir', inside]);
    expect(readFileSync(join(inside, 'a.yaml'), 'utf8')).toMatch('$schema=../../schemas/playbook.schema.json\n');
  } finally {
    rmSync(inside, { recursive: true });
  }
});

test('nothing is overwritten without --force', async () => {
  const file = join(folder, 'a.yaml');
  writeFileSync(file, 'mine\n');
  expect(await sim(['new', 'a', '-o', file])).toMatchObject({ code: 2, stderr: expect.stringContaining(`${file} is there already`) });
  expect(readFileSync(file, 'utf8')).toBe('mine\n');
  expect((await sim(['new', 'a', '-o', file, '--force'])).code).toBe(0);
  expect(readFileSync(file, 'utf8')).toContain('kind: Playbook');
});

test('--list lists the templates', async () => {
  const { stdout } = await sim(['new', '--list']);
  for (const name of Object.keys(templates)) expect(stdout).toMatch(new RegExp(`^${name} `, 'm'));
});

test.each([
  [['new'], 'name the new playbook'],
  [['new', 'My_Own'], '`My_Own` cannot be a playbook'],
  [['new', '../a'], 'cannot be a playbook'],
  [['new', 'a', '-t', 'web-shel'], 'did you mean `web-shell`?'],
  [['new', 'a', '-t', 'constructor'], 'there is no template `constructor`'],
  [['new', 'a', '-a', 'drift-binry'], 'did you mean `drift-binary`?'],
  [['new', 'a', '-o', 'b.yaml'], 'a playbook has the name of its file'],
  [['new', 'a', '-t', 'exec', '-a', 'drift-binary'], 'cannot be used with option'],
])('%j: exit 2', async (args, words) => {
  const { code, stderr } = await sim([...args, ...(args.includes('-o') ? [] : ['--dir', folder])]);
  expect(code).toBe(2);
  expect(stderr).toContain(words);
  expect(readdirSync(folder)).toEqual(['.git']);
});
