// Run logs as files: <state>/runs/<id>/events.jsonl, one JSON object per line, only ever appended to; beside it, in evidence/, what else is kept.
import { type FileHandle, mkdir, open, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { Failure } from '../ports/failure.ts';
import type { LogLine, RunLog, RunLogs } from '../ports/run-log.ts';

const NEWLINE = 0x0a;
const FILE_NAME = /^[\w-][\w.-]{0,199}$/;
const RUN_ID = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Where runs are kept: $SIM_STATE, else $XDG_STATE_HOME/kubesim, else ~/.local/state/kubesim. */
export function stateFolder(env: Record<string, string | undefined>): string {
  if (env.SIM_STATE) return env.SIM_STATE;
  return join(env.XDG_STATE_HOME || join(env.HOME || homedir(), '.local', 'state'), 'kubesim');
}

/** Run logs below a state folder, made on first use, readable by its owner alone. Throws Failure storage for any error of the disk. */
export function fileRunLogs(state: string): RunLogs {
  const runs = join(state, 'runs');
  const fileOf = (runId: string) => {
    // The id comes from a command line too.
    if (!RUN_ID.test(runId)) throw new Failure('not-found', `"${runId}" is no run id`);
    return join(runs, runId, 'events.jsonl');
  };
  return {
    async create(runId) {
      const path = fileOf(runId);
      return await onDisk('create', path, async () => {
        await makeFolder(dirname(path));
        const handle = await open(path, 'ax', 0o600);
        await syncFolder(dirname(path));
        return openLog(path, handle);
      });
    },
    async reopen(runId) {
      const path = fileOf(runId);
      return await onDisk('open', path, async () => {
        const whole = wholeLines(await readFile(path)).length;
        const handle = await open(path, 'a', 0o600);
        // The next line must not be glued to one that a crash has cut.
        await handle.truncate(whole);
        return openLog(path, handle);
      });
    },
    async read(runId) {
      const path = fileOf(runId);
      return await onDisk('read', path, async () => {
        const lines = wholeLines(await readFile(path))
          .toString('utf8')
          .split('\n')
          .slice(0, -1);
        return lines.map((line, index) => parseLine(path, line, index + 1));
      });
    },
    async list() {
      return await onDisk('list', runs, async () => {
        const names = await readdir(runs).catch((error: unknown) => {
          if (isMissing(error)) return [];
          throw error;
        });
        const found = await Promise.all(
          names.filter((name) => RUN_ID.test(name)).map(async (id) => ({ id, born: (await stat(join(runs, id))).birthtimeMs })),
        );
        return found.sort((a, b) => b.born - a.born || (a.id < b.id ? 1 : -1)).map(({ id }) => id);
      });
    },
  };
}

function openLog(path: string, handle: FileHandle): RunLog {
  let last: Promise<unknown> = Promise.resolve();
  const write = async (line: LogLine, durable: boolean) => {
    const { size } = await handle.stat();
    try {
      await handle.appendFile(`${JSON.stringify(line)}\n`);
      if (durable) await handle.sync();
    } catch (error) {
      // Half a line (a full disk) would spoil the next one.
      await handle.truncate(size).catch(() => undefined);
      throw error;
    }
  };
  return {
    path,
    append(line, options = {}) {
      const done = last.then(() => onDisk('write', path, () => write(line, options.durable === true)));
      last = done.catch(() => undefined);
      return done;
    },
    async attach(name, text) {
      if (!FILE_NAME.test(name)) throw new Failure('storage', `"${name}" is no name for a file of evidence`);
      const file = join(dirname(path), 'evidence', name);
      return await onDisk('keep', file, async () => {
        await makeFolder(dirname(file));
        try {
          await writeFile(file, text, { flag: 'wx', mode: 0o600, flush: true });
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        }
        return file;
      });
    },
    async close() {
      await last;
      await onDisk('close', path, () => handle.close());
    },
  };
}

/** Up to and including the last newline. */
function wholeLines(content: Buffer): Buffer {
  return content.subarray(0, content.lastIndexOf(NEWLINE) + 1);
}

function parseLine(path: string, line: string, number: number): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch (cause) {
    throw new Failure('storage', `line ${number} of "${path}" is damaged`, { cause });
  }
}

/** Makes a folder and what is above it, each of them on the disk before the next. */
async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let folder = dirname(path); folder.length >= dirname(first).length; folder = dirname(folder)) {
    await syncFolder(folder);
    if (folder === dirname(folder)) return;
  }
}

/** A new name is only safe once the folder that holds it is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function onDisk<T>(verb: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    if (isMissing(cause) && (verb === 'read' || verb === 'open'))
      throw new Failure('not-found', `there is no run log "${path}"`, { cause });
    throw new Failure('storage', `cannot ${verb} "${path}": ${cause instanceof Error ? cause.message : cause}`, {
      hint: 'Choose another place with SIM_STATE.',
      cause,
    });
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
}
