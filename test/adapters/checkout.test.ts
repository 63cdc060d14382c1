import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { localCheckout } from '../../src/adapters/checkout.ts';

let top: string;
let folder: string;

beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'checkout-')));
  folder = join(top, 'work');
  mkdirSync(join(folder, '.git'), { recursive: true });
  mkdirSync(join(folder, 'in/deep'), { recursive: true });
  mkdirSync(join(top, 'other/.git'), { recursive: true });
  writeFileSync(join(folder, 'in/a.yaml'), 'inside');
  writeFileSync(join(top, 'other/secret.yaml'), 'outside');
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

async function look(path: string, limit = 100) {
  const checkout = localCheckout(folder);
  const found = await checkout.look(path, { root: await checkout.rootOf(path), limit });
  return found.kind === 'file' ? { ...found, bytes: new TextDecoder().decode(found.bytes) } : found;
}

test('a file with its content, its mode and where it is', async () => {
  expect(await look('in/a.yaml')).toMatchObject({ kind: 'file', bytes: 'inside', path: join(folder, 'in/a.yaml') });
  symlinkSync('in/a.yaml', join(folder, 'link.yaml'));
  expect(await look('link.yaml')).toMatchObject({ kind: 'file', path: join(folder, 'in/a.yaml') });
});

test('folders, and what is not there', async () => {
  expect(await look('in')).toEqual({ kind: 'folder' });
  expect(await look('gone')).toEqual({ kind: 'absent' });
  expect(await look('in/a.yaml/x')).toEqual({ kind: 'absent' });
  symlinkSync('nowhere', join(folder, 'dangling.yaml'));
  expect(await look('dangling.yaml')).toEqual({ kind: 'absent' });
});

test.each([
  ['a link', 'evil.yaml', '../other/secret.yaml'],
  ['an absolute link', 'evil.yaml', '/etc/passwd'],
])('%s out of the checkout is not followed', async (_, name, target) => {
  symlinkSync(target, join(folder, name));
  expect(await look(name)).toEqual({ kind: 'outside' });
});

test('nor is a folder that is one, though it has a .git of its own; nor a link to a link', async () => {
  symlinkSync('../other', join(folder, 'evil'));
  symlinkSync('evil/secret.yaml', join(folder, 'far.yaml'));
  expect(await look('evil/secret.yaml')).toEqual({ kind: 'outside' });
  expect(await look('far.yaml')).toEqual({ kind: 'outside' });
});

test('a path out of the working directory has the checkout that it lies in, or its own folder', async () => {
  const checkout = localCheckout(folder);
  expect(await checkout.rootOf('in/a.yaml')).toBe(folder);
  expect(await checkout.rootOf('../other/secret.yaml')).toBe(join(top, 'other'));
  expect(await localCheckout(join(folder, 'in/deep')).rootOf('../a.yaml')).toBe(folder);
  mkdirSync(join(top, 'plain'));
  expect(await checkout.rootOf('../plain/x.yaml')).toBe(join(top, 'plain'));
  expect(await localCheckout(folder, top).rootOf('../plain/x.yaml')).toBe(top);
});

test('links in a circle', async () => {
  symlinkSync('b.yaml', join(folder, 'a.yaml'));
  symlinkSync('a.yaml', join(folder, 'b.yaml'));
  expect(await look('a.yaml')).toEqual({ kind: 'unreadable', reason: 'its symbolic links go in a circle' });
});

test('pipes, devices and sockets are not opened', async () => {
  execFileSync('mkfifo', [join(folder, 'pipe.yaml')]);
  expect(await look('pipe.yaml')).toEqual({ kind: 'special', what: 'a pipe' });
  const device = localCheckout('/');
  expect(await device.look('/dev/zero', { root: '/', limit: 100 })).toEqual({ kind: 'special', what: 'a device' });
  const server = createServer().listen(join(folder, 'socket.yaml'));
  await new Promise((resolve) => server.once('listening', resolve));
  expect(await look('socket.yaml')).toEqual({ kind: 'special', what: 'a socket' });
  await new Promise((resolve) => server.close(resolve));
});

test('a file of just the limit is read, one byte more is not', async () => {
  writeFileSync(join(folder, 'big'), 'x'.repeat(100));
  expect(await look('big', 100)).toMatchObject({ kind: 'file', bytes: 'x'.repeat(100) });
  const large = await look('big', 99);
  expect(large).toMatchObject({ kind: 'large', size: 100 });
  expect(large.kind === 'large' && large.start.length).toBe(100);
  // Its size on the disk says nothing of what it holds: this one is read only to its start.
  writeFileSync(join(folder, 'huge'), '');
  truncateSync(join(folder, 'huge'), 2 ** 40);
  const huge = await look('huge');
  expect(huge).toMatchObject({ kind: 'large', size: 2 ** 40 });
  expect(huge.kind === 'large' && huge.start.length).toBe(4096);
  // This one says that it is empty.
  expect(await localCheckout('/').look('/proc/self/environ', { root: '/', limit: 10 })).toMatchObject({
    kind: expect.stringMatching(/^(file|large)$/),
  });
});

test('entries are sorted and say what they are; links are no folders', async () => {
  symlinkSync('in', join(folder, 'link'));
  expect(await localCheckout(folder).entries('.')).toEqual([
    { name: '.git', kind: 'folder' },
    { name: 'in', kind: 'folder' },
    { name: 'link', kind: 'other' },
  ]);
  expect(await localCheckout(folder).entries('gone')).toEqual([]);
});
