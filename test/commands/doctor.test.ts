// What `sim doctor --canary` refuses, and that its playbook is none of the scenarios.
import { expect, test } from 'vitest';
import { localFiles } from '../../src/adapters/files.ts';
import { canaryFile, playbookNames } from '../../src/commands/package-files.ts';
import { sim } from './session.ts';

const nowhere = ['--kubeconfig', '/does/not/exist'];

test('the canary runs its own playbook, and asks or is told to', async () => {
  expect(await sim(['doctor', 'web-shell', '--canary', '--yes', ...nowhere])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--canary runs a playbook of its own'),
  });
  expect(await sim(['doctor', '--canary', ...nowhere])).toMatchObject({ code: 2, stderr: expect.stringContaining('needs --yes') });
  expect((await sim(['doctor', '--canary', '--namespace', 'x', ...nowhere])).code).toBe(2);
  // It gets as far as the cluster.
  expect((await sim(['doctor', '--canary', '--yes', '--alerts', 'none', ...nowhere])).stderr).toContain('/does/not/exist');
});

test('it lints, and no list of scenarios has it', async () => {
  expect(await sim(['lint', canaryFile, '--max-warnings', '0'])).toMatchObject({ code: 0 });
  expect(await playbookNames(localFiles())).not.toContain('canary');
  expect((await sim(['list'])).stdout).not.toMatch(/^canary/m);
});

test('a name of a source that is not configured is told before a cluster is looked for', async () => {
  expect(await sim(['doctor', '--alerts', 'nobody', ...nowhere], { env: { XDG_CONFIG_HOME: '/does/not/exist' } })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('there is no alert source `nobody`'),
  });
});
