// Follows a file that grows, through rotation and truncation.
import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../../ports/clock.ts';
import { Failure } from '../../ports/failure.ts';
import { every } from './pushed.ts';

export interface FileWatcher {
  /** A whole line, without its end. `baseline`: it stood there before. */
  line(text: string, baseline: boolean): void;
  gap(reason: string): void;
  heartbeat(at: number): void;
  fail(error: unknown): void;
}

const PAUSE = 500;
/** What is read of a file that is there already. */
const BASELINE = 4 * 1024 * 1024;
const LONGEST_LINE = 1024 * 1024;
const CHUNK = 64 * 1024;

/** Reads what is there, then what comes, until the signal. Throws Failure not-found, forbidden: its folder is not there, it may not be read. */
export async function followFile(path: string, clock: Clock, watcher: FileWatcher, signal: AbortSignal): Promise<void> {
  let handle: FileHandle | undefined;
  let identity = '';
  let position = 0;
  let rest = Buffer.alloc(0);
  let skipping = false;

  const take = (chunk: Buffer, baseline: boolean) => {
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      const line = Buffer.concat([rest, chunk.subarray(from, end)]);
      from = end + 1;
      rest = Buffer.alloc(0);
      if (skipping) skipping = false;
      else watcher.line(line.toString('utf8'), baseline);
    }
    rest = Buffer.concat([rest, chunk.subarray(from)]);
    if (rest.length <= LONGEST_LINE) return;
    rest = Buffer.alloc(0);
    if (!skipping && !baseline) watcher.gap(`a line is longer than ${LONGEST_LINE} bytes`);
    skipping = true;
  };

  const readOn = async (file: FileHandle, baseline: boolean) => {
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(CHUNK), 0, CHUNK, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      take(buffer.subarray(0, bytesRead), baseline);
    }
  };

  const openAnew = async (baseline: boolean) => {
    handle = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return undefined;
      throw new Failure(cause.code === 'EACCES' ? 'forbidden' : 'storage', `"${path}" cannot be read: ${cause.message}`, { cause });
    });
    if (handle === undefined) return;
    const { dev, ino, size } = await handle.stat();
    identity = `${dev}:${ino}`;
    position = baseline ? Math.max(0, size - BASELINE) : 0;
    rest = Buffer.alloc(0);
    // The first line after a jump is the end of one.
    skipping = position > 0;
  };

  const turn = async (baseline: boolean) => {
    const start = clock.now();
    if (handle === undefined) await openAnew(baseline);
    if (handle !== undefined) {
      await readOn(handle, baseline);
      const now = await stat(path).catch(() => undefined);
      const { size } = await handle.stat();
      if (size < position) {
        watcher.gap('the file was truncated');
        [position, rest, skipping] = [0, Buffer.alloc(0), false];
        await readOn(handle, baseline);
      } else if (now === undefined || `${now.dev}:${now.ino}` !== identity) {
        // What was written to the old one until now was read above, its writer may write a last line.
        await readOn(handle, baseline);
        await handle.close();
        handle = undefined;
        if (now !== undefined) {
          await openAnew(false);
          if (handle !== undefined) await readOn(handle, false);
        }
      }
    }
    watcher.heartbeat(start);
  };

  await stat(dirname(path)).catch((cause: Error) => {
    throw new Failure('not-found', `the folder of "${path}" is not there`, { cause });
  });
  await turn(true);
  void every(clock, PAUSE, signal, () => turn(false), watcher.fail).finally(() => handle?.close());
}
