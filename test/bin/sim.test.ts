// What `sim` says on a Node that is too old to load it: one line, exit code 3.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { env, execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const sim = fileURLToPath(new URL('../../bin/sim.js', import.meta.url));
const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { engines: { node: string } };
const needed = engines.node.replace('>=', '');

const run = (node: string, args: string[] = []) => spawnSync(node, [...args, sim, '--version'], { encoding: 'utf8' });
const runAs = (version: string) =>
  run(execPath, ['--import', `data:text/javascript,Object.defineProperty(process.versions, 'node', { value: '${version}' });`]);

test.each(['20.20.2', '22.14.9', '18.0.0'])('Node %s is told what is needed, in one line', (version) => {
  expect(runAs(version)).toMatchObject({
    status: 3,
    stdout: '',
    stderr: `sim: Node.js ${needed} or newer is needed; this is ${version} (${execPath}).\n`,
  });
});

test.each([`${needed}.0`, '23.0.0', '24.21.0', '100.0.0'])('Node %s is not sent away', (version) => {
  expect(runAs(version).stderr).not.toContain('is needed');
});

const old = (env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'node'))
  .filter((node) => existsSync(node))
  .map((node) => ({ node, version: spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim().slice(1) }))
  .find(({ version }) => Number(version.split('.')[0]) < 22);

test.skipIf(!old)(`a real old Node says so (${old ? `Node ${old.version}` : 'none on PATH'})`, () => {
  const { status, stdout, stderr } = run(old?.node ?? '');
  expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
  expect(stderr).toMatch(/^sim: Node\.js .* or newer is needed; this is .*\n$/);
  expect(stderr).toContain(`${needed} or newer is needed; this is ${old?.version}`);
});
