// The lines of a text file one after the other, however large it is.
import { open } from 'node:fs/promises';
import { Failure } from '../ports/failure.ts';

/** Throws Failure not-found or storage. */
export async function* textLines(path: string): AsyncGenerator<string> {
  try {
    const file = await open(path);
    try {
      yield* file.readLines();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw code === 'ENOENT'
      ? new Failure('not-found', `${path} does not exist`, { cause: error })
      : new Failure('storage', `cannot read ${path}: ${message}`, { cause: error });
  }
}
