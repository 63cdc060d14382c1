// A file of the operator's own, which tells where credentials are sent: nobody else may have written it.
import { open } from 'node:fs/promises';
import { getuid } from 'node:process';
import { Failure } from '../ports/failure.ts';

const WRITTEN_BY_OTHERS = 0o022;

/** Its bytes; undefined where there is no such file. Throws Failure configuration: unreadable, of another user, open to writers. */
export async function readOperatorFile(path: string, limit: number): Promise<Uint8Array | undefined> {
  try {
    const file = await open(path, 'r');
    try {
      const found = await file.stat();
      const me = getuid?.();
      if (!found.isFile()) throw new Failure('configuration', `"${path}" is no file`);
      if (found.size > limit) throw new Failure('configuration', `"${path}" is larger than ${limit} bytes`);
      if (me !== undefined && found.uid !== me && found.uid !== 0) throw new Failure('configuration', `"${path}" belongs to another user`);
      if ((found.mode & WRITTEN_BY_OTHERS) !== 0)
        throw new Failure('configuration', `others than its owner may write "${path}"`, { hint: `chmod go-w ${path}` });
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new Failure('configuration', `"${path}" cannot be read: ${message}`, { cause: error });
  }
}
