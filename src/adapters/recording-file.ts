// A file that a run's observations are written to as they come: new, and for its owner alone.
import { type FileHandle, open } from 'node:fs/promises';
import { Failure } from '../ports/failure.ts';

export interface RecordingFile {
  /** Writes it after what was written before; what goes wrong is thrown by `close`. */
  write(text: string): void;
  /** Resolves once all of it is on the disk. Throws Failure storage where something is missing in the file. */
  close(): Promise<void>;
}

/** Makes the file. Throws Failure configuration where there is one already, or none can be made there. */
export async function createRecording(path: string): Promise<RecordingFile> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'wx', 0o600);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new Failure('configuration', `${path} exists already, and a recording never replaces a file`, { cause });
    throw new Failure('configuration', `no recording can be made: ${message}`, { cause });
  }
  let waiting: string[] = [];
  let writing: Promise<void> | undefined;
  let problem: unknown;
  const writeAll = async () => {
    try {
      while (waiting.length > 0 && problem === undefined) {
        const text = waiting.join('');
        waiting = [];
        await handle.appendFile(text);
      }
    } catch (error) {
      problem = error;
    }
    waiting = [];
    writing = undefined;
  };
  return {
    write(text) {
      if (problem !== undefined) return;
      waiting.push(text);
      writing ??= writeAll();
    },
    async close() {
      await writing;
      try {
        if (problem !== undefined) throw problem;
        await handle.sync();
      } catch (cause) {
        throw new Failure('storage', `the recording ${path} is not whole: ${(cause as Error).message}`, { cause });
      } finally {
        await handle.close();
      }
    },
  };
}
