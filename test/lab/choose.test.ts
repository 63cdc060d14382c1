import { expect, test } from 'vitest';
import { chooseDriver, kindNodeImage } from '../../src/lab/choose.ts';
import { Failure } from '../../src/ports/failure.ts';
import { fakeWorld } from './fake-world.ts';

const missing = new Failure('command-not-found', 'no such program');
const withKind = (line: string) =>
  line.startsWith('docker image ls') ? { stdout: 'kindest/node:v1.9.1\nkindest/node:v1.34.0\nkindest/node:<none>\n' } : undefined;

test('kind, where an engine answers and has the node image; the newest of them', async () => {
  const world = fakeWorld(withKind);
  expect(await chooseDriver(undefined, world)).toBe('kind');
  expect(await kindNodeImage(world)).toBe('kindest/node:v1.34.0');
});

test.each([
  ['no client', (line: string) => (line.startsWith('docker') ? missing : undefined)],
  ['a client without an engine', () => ({ exitCode: 1, stderr: 'Cannot connect to the Docker daemon' })],
  ['a client that hangs', () => new Failure('timeout', 'did not end')],
  ['an engine without the node image', () => ({ stdout: '' })],
  ['no kind', (line: string) => (line.startsWith('kind') ? missing : withKind(line))],
])('native, where there is %s', async (_, answer) => {
  expect(await chooseDriver(undefined, fakeWorld(answer))).toBe('native');
});

test.each([
  ['linux', 'Run as root'],
  ['darwin', 'Start a container engine'],
])('no driver fits on %s without root', async (platform, hint) => {
  const world = fakeWorld(() => missing, { platform, root: false });
  await expect(chooseDriver(undefined, world)).rejects.toMatchObject({
    code: 'configuration',
    details: { hint: expect.stringContaining(hint) },
  });
});

test('what is asked for wins, the option over the variable, and nothing is tried', async () => {
  const world = fakeWorld(withKind, { env: { SIM_LAB_DRIVER: 'kind' } });
  expect(await chooseDriver('native', world)).toBe('native');
  expect(await chooseDriver(undefined, world)).toBe('kind');
  expect(world.commands).toEqual([]);
  await expect(chooseDriver('podman', world)).rejects.toMatchObject({ code: 'configuration', message: 'there is no lab driver "podman"' });
});
