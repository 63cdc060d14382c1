import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { localFiles } from '../../src/adapters/files.ts';

const files = localFiles();
const root = mkdtempSync(join(tmpdir(), 'kubesim-files-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(root, 't-'));
});

describe('files', () => {
  test('are written whole, with folders and mode, and read again', async () => {
    const path = join(folder, 'a', 'b');
    await files.write(path, 'one', { mode: 0o600 });
    await files.write(path, 'two', { mode: 0o600 });
    expect(await files.read(path)).toBe('two');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await files.list(join(folder, 'a'))).toEqual(['b']);
    expect(await files.exists(path)).toBe(true);
  });

  test('that are absent', async () => {
    await expect(files.read(join(folder, 'x'))).rejects.toMatchObject({ code: 'not-found' });
    await expect(files.copy(join(folder, 'x'), join(folder, 'y'))).rejects.toMatchObject({ code: 'not-found' });
    expect(await files.exists(join(folder, 'x'))).toBe(false);
    expect(await files.list(join(folder, 'x'))).toEqual([]);
    await files.remove(join(folder, 'x'));
  });

  test('that cannot be written', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(files.write(join(folder, 'file', 'x'), '')).rejects.toMatchObject({ code: 'storage' });
    await expect(files.makeFolder(join(folder, 'file'))).rejects.toMatchObject({ code: 'storage' });
  });

  test('a removal takes the link, not what it leads to', async () => {
    await files.write(join(folder, 'kept', 'file'), 'x');
    await files.makeFolder(join(folder, 'gone'));
    symlinkSync(join(folder, 'kept'), join(folder, 'gone', 'link'));
    await files.remove(join(folder, 'gone'));
    expect(readdirSync(folder)).toEqual(['kept']);
    expect(existsSync(join(folder, 'kept', 'file'))).toBe(true);
  });

  test('a link is made and replaced; a folder is copied', async () => {
    await files.write(join(folder, 'from', 'x'), 'x');
    await files.copy(join(folder, 'from'), join(folder, 'deep', 'to'));
    expect(readFileSync(join(folder, 'deep', 'to', 'x'), 'utf8')).toBe('x');
    await files.link('from', join(folder, 'link'));
    await files.link('deep', join(folder, 'link'));
    expect(readlinkSync(join(folder, 'link'))).toBe('deep');
  });
});

describe('digest', () => {
  const tree = async (name: string, text = 'x') => {
    await files.write(join(folder, name, 'in', 'a'), text);
    await files.write(join(folder, name, 'in', 'sub', 'b'), 'y');
    return join(folder, name, 'in');
  };

  test('is the same for the same tree elsewhere, and not for other content, name or mode', async () => {
    const first = await files.digest([await tree('one')]);
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(await files.digest([await tree('two')])).toBe(first);
    expect(await files.digest([await tree('three', 'z')])).not.toBe(first);
    chmodSync(join(folder, 'two', 'in', 'a'), 0o755);
    expect(await files.digest([join(folder, 'two', 'in')])).not.toBe(first);
    expect(await files.digest([join(folder, 'one', 'in', 'a')])).not.toBe(await files.digest([join(folder, 'one', 'in', 'sub', 'b')]));
  });

  test('where content moves from one file to the next', async () => {
    await files.write(join(folder, 'p', 'a'), '12');
    await files.write(join(folder, 'p', 'b'), '3');
    await files.write(join(folder, 'q', 'a'), '1');
    await files.write(join(folder, 'q', 'b'), '23');
    const of = (name: string) => files.digest([join(folder, name, 'a'), join(folder, name, 'b')]);
    expect(await of('p')).not.toBe(await of('q'));
  });

  test('of what is absent', async () => {
    await expect(files.digest([join(folder, 'x')])).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('lock', () => {
  const path = () => join(folder, 'locks', 'lab.lock');

  test('one at a time; the second is told who holds it', async () => {
    const first = await files.lock(path(), {});
    const holders: number[] = [];
    let got = false;
    const second = files.lock(path(), { onWait: (pid) => holders.push(pid) }).then((lock) => {
      got = true;
      return lock;
    });
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(got).toBe(false);
    expect(holders).toEqual([process.pid]);
    await first.release();
    await (await second).release();
    await first.release();
    expect(readdirSync(join(folder, 'locks'))).toEqual([]);
  });

  test('waiting ends with the signal', async () => {
    const first = await files.lock(path(), {});
    await expect(files.lock(path(), { signal: AbortSignal.timeout(150) })).rejects.toMatchObject({ code: 'interrupted' });
    await first.release();
    await expect(files.lock(path(), { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'interrupted' });
    expect(readdirSync(join(folder, 'locks'))).toEqual([]);
  });

  test.each([
    ['a dead process', JSON.stringify({ pid: 2 ** 22 + 1, started: 'x', nonce: 'ab' })],
    ['a later process of the same number', JSON.stringify({ pid: process.pid, started: 'long ago', nonce: 'ab' })],
    ['a damaged file', ''],
  ])('is taken over from %s', async (_, text) => {
    await files.write(path(), text);
    const lock = await files.lock(path(), {});
    expect(JSON.parse(await files.read(path()))).toMatchObject({ pid: process.pid });
    await lock.release();
    expect(readdirSync(join(folder, 'locks'))).toEqual([]);
  });

  test('a take-over that was cut short by a crash does not block for ever', { timeout: 20_000 }, async () => {
    await files.write(path(), JSON.stringify({ pid: 2 ** 22 + 1, started: 'x', nonce: 'ab' }));
    await files.write(`${path()}.stale-ab`, '');
    await (await files.lock(path(), {})).release();
  });

  test('many processes at once, from a stale start, with crashes: never two inside', { timeout: 60_000 }, async () => {
    await files.write(path(), JSON.stringify({ pid: 2 ** 22 + 1, started: 'x', nonce: 'ab' }));
    const inside = join(folder, 'inside');
    const script = `
      import { rmSync, mkdirSync } from 'node:fs';
      import { localFiles } from ${JSON.stringify(fileURLToPath(new URL('../../src/adapters/files.ts', import.meta.url)))};
      for (let round = 0; round < 4; round++) {
        const lock = await localFiles().lock(${JSON.stringify(path())}, {});
        mkdirSync(${JSON.stringify(inside)});
        await new Promise((resolve) => setTimeout(resolve, 5));
        rmSync(${JSON.stringify(inside)}, { recursive: true });
        if (round === 3) process.exit(0);
        await lock.release();
      }`;
    const codes = await Promise.all(
      Array.from({ length: 6 }, () => {
        const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], { stdio: ['ignore', 'ignore', 'inherit'] });
        return new Promise((resolve) => child.once('exit', resolve));
      }),
    );
    expect(codes).toEqual([0, 0, 0, 0, 0, 0]);
  });
});
