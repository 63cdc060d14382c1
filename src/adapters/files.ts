// The machine's files. What takes milliseconds to load (hashes, locks) is loaded by who uses it: `sim lint` does not.
import type { Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { cp, lstat, mkdir, readdir, readFile, readlink, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../ports/failure.ts';
import type { Files } from '../ports/files.ts';

/** Files of this machine. Throws Failure not-found where a file to read is absent, storage for any other error. */
export function localFiles(): Files {
  return {
    read: (path) => onDisk('read', path, () => readFile(path, 'utf8')),
    write: (path, text, options = {}) =>
      onDisk('write', path, () =>
        replace(path, (temporary) => writeFile(temporary, text, options.mode === undefined ? {} : { mode: options.mode })),
      ),
    exists: (path) =>
      onDisk('look for', path, () =>
        stat(path).then(
          () => true,
          (error) => absent(error, false),
        ),
      ),
    list: (path) => onDisk('list', path, async () => (await readdir(path).catch((error) => absent<string[]>(error, []))).sort()),
    makeFolder: (path) => onDisk('make', path, async () => void (await mkdir(path, { recursive: true }))),
    remove: (path) => onDisk('remove', path, () => rm(path, { recursive: true, force: true, maxRetries: 3 })),
    copy: (from, to) =>
      onDisk('copy', from, async () => {
        await mkdir(dirname(to), { recursive: true });
        await cp(from, to, { recursive: true, verbatimSymlinks: true });
      }),
    link: (target, path) => onDisk('link', path, () => replace(path, (temporary) => symlink(target, temporary))),
    digest: async (paths) => {
      const { createHash } = await import('node:crypto');
      const hash = createHash('sha256');
      // The names alone: the same files in another checkout have the same key.
      for (const path of paths) await onDisk('read', path, () => addToDigest(hash, path, basename(path)));
      return hash.digest('hex');
    },
    lock: (path, options) => onDisk('lock', path, async () => (await import('./lock.ts')).takeLock(path, options)),
  };
}

/** Makes something beside `path` and moves it there in one step, so nobody sees half of it. */
async function replace(path: string, make: (temporary: string) => Promise<void>): Promise<void> {
  const { randomBytes } = await import('node:crypto');
  await mkdir(dirname(path), { recursive: true });
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`);
  try {
    await make(temporary);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function addToDigest(hash: Hash, path: string, name: string): Promise<void> {
  const found = await lstat(path);
  const kind = found.isDirectory() ? 'folder' : found.isSymbolicLink() ? 'link' : 'file';
  // Lengths and ends are told, so that no two trees give the same bytes.
  hash.update(`${JSON.stringify([kind, name, found.isSymbolicLink() ? 0 : found.mode & 0o777, kind === 'file' ? found.size : 0])}\n`);
  if (kind === 'folder') {
    for (const child of (await readdir(path)).sort()) await addToDigest(hash, join(path, child), child);
    hash.update('end\n');
  } else if (kind === 'link') hash.update(`${JSON.stringify(await readlink(path))}\n`);
  else for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
}

function absent<T>(error: NodeJS.ErrnoException, value: T): T {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return value;
  throw error;
}

async function onDisk<T>(verb: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' && (verb === 'read' || verb === 'copy')) throw new Failure('not-found', `"${path}" does not exist`, { cause });
    throw new Failure('storage', `cannot ${verb} "${path}": ${message}`, { cause });
  }
}
