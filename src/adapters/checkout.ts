// The machine's files as lint may see them.
import { closeSync, constants, type Dirent, fstatSync, lstatSync, openSync, readSync, realpathSync, type Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { cwd } from 'node:process';
import type { Checkout, Entry, Look } from '../ports/checkout.ts';

/** How much of a large file is looked at. */
const START = 4096;

/**
 * Paths are relative to `folder`, the working directory unless given; `own` is a folder of our own files, a checkout like any other. Looking is
 * synchronous inside: for thousands of small files that takes a third of the time.
 */
export function localCheckout(folder: string = cwd(), own?: string): Checkout {
  const roots = new Map<string, Promise<string | undefined>>();
  const nearestGit = (from: string): Promise<string | undefined> => {
    const known = roots.get(from);
    if (known !== undefined) return known;
    const found = lstat(join(from, '.git')).then(
      () => from,
      () => (dirname(from) === from ? undefined : nearestGit(dirname(from))),
    );
    roots.set(from, found);
    return found;
  };
  const realRoots = new Map<string, string>();
  const realRoot = (root: string): string => {
    const real = realRoots.get(root) ?? realpathSync.native(root);
    realRoots.set(root, real);
    return real;
  };
  return {
    async rootOf(path) {
      const whole = resolve(folder, path);
      // The working directory's checkout first: no link in it can name another one.
      const here = (await nearestGit(folder)) ?? folder;
      if (isWithin(whole, here)) return here;
      if (own !== undefined && isWithin(whole, own)) return own;
      return (await nearestGit(dirname(whole))) ?? dirname(whole);
    },
    async look(path, { root, limit }) {
      let handle: number | undefined;
      try {
        const real = realpathSync.native(resolve(folder, path));
        if (!isWithin(real, realRoot(root))) return { kind: 'outside' };
        const found = lstatSync(real);
        if (found.isDirectory()) return { kind: 'folder' };
        if (!found.isFile()) return { kind: 'special', what: whatIs(found) };
        // Nothing that was put in its place meanwhile is followed or waited for.
        handle = openSync(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
        return read(handle, real, limit);
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'absent' };
        return { kind: 'unreadable', reason: code === 'ELOOP' ? 'its symbolic links go in a circle' : message };
      } finally {
        if (handle !== undefined) closeSync(handle);
      }
    },
    async entries(path) {
      const found = await readdir(resolve(folder, path), { withFileTypes: true }).catch(() => []);
      return found.map((entry): Entry => ({ name: entry.name, kind: kindOf(entry) })).sort((a, b) => (a.name < b.name ? -1 : 1));
    },
  };
}

function read(handle: number, path: string, limit: number): Look {
  const { size, mode } = fstatSync(handle);
  // One byte more than it should have: a file may grow while it is read.
  const buffer = new Uint8Array(size > limit ? START : size + 1);
  let length = 0;
  for (;;) {
    const bytesRead = readSync(handle, buffer, length, buffer.length - length, length);
    length += bytesRead;
    if (bytesRead === 0 || length === buffer.length) break;
  }
  const bytes = buffer.subarray(0, length);
  if (size > limit || length > limit) return { kind: 'large', size, start: bytes.subarray(0, START) };
  return { kind: 'file', bytes, path, mode: mode & 0o7777 };
}

function isWithin(path: string, root: string): boolean {
  const way = relative(root, path);
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`) || resolve(way) === way);
}

const kindOf = (entry: Dirent): Entry['kind'] => (entry.isDirectory() ? 'folder' : entry.isFile() ? 'file' : 'other');

function whatIs(found: Stats): string {
  if (found.isFIFO()) return 'a pipe';
  if (found.isSocket()) return 'a socket';
  return 'a device';
}
