// Runs all checks; one that fails to run is a line too.
import { Failure } from '../ports/failure.ts';
import type { Check, CheckContext, CheckLine } from './check.ts';

export interface Examined {
  id: string;
  title: string;
  lines: CheckLine[];
}

/** The lines of every check, in the order of the list. Throws nothing but the signal's reason. */
export async function examine(checks: readonly Check[], context: CheckContext): Promise<Examined[]> {
  return await Promise.all(
    checks.map(async (check) => {
      const { id, title } = check;
      try {
        return { id, title, lines: await check.run(context) };
      } catch (error) {
        if (context.signal.aborted) throw context.signal.reason;
        return { id, title, lines: [lineOf(error)] };
      }
    }),
  );
}

/** Not being allowed to look says nothing about what is there. */
export function lineOf(error: unknown): CheckLine {
  if (!(error instanceof Failure)) throw error;
  const { hint } = error.details;
  return { status: error.code === 'forbidden' ? 'unknown' : 'fail', message: error.message, ...(hint === undefined ? {} : { hint }) };
}
