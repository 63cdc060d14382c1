// A time limit of a command's own, told in words when it is over.
import { Failure } from '../ports/failure.ts';

/** Aborts after so many milliseconds with a Failure timeout, or earlier with the other signal. */
export function deadline(milliseconds: number, what: string, signal: AbortSignal): AbortSignal {
  const limit = new AbortController();
  setTimeout(() => limit.abort(new Failure('timeout', `${what} did not end within ${milliseconds / 1000} s`)), milliseconds).unref();
  return AbortSignal.any([signal, limit.signal]);
}
