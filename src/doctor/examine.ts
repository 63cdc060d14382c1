// Runs all checks; one that fails to run is a line too.
import { Failure } from '../ports/failure.ts';
import type { Check, CheckContext, CheckLine } from './check.ts';

export interface Examined {
  id: string;
  title: string;
  lines: CheckLine[];
}

interface Outcome {
  examined: Examined;
  /** What needs this check has nothing to look at. */
  isBroken: boolean;
}

/** The lines of every check that has some, in the order of the list. Throws nothing but the signal's reason. */
export async function examine(checks: readonly Check[], context: CheckContext): Promise<Examined[]> {
  const outcomes = new Map<string, Promise<Outcome>>();
  for (const check of checks) outcomes.set(check.id, outcomeOf(check, outcomes.get(check.needs ?? ''), context));
  const examined = (await Promise.all(outcomes.values())).map((outcome) => outcome.examined);
  return examined.filter(({ lines }) => lines.length > 0);
}

/** One failure is told once: the checks that need the broken one say no more than that. */
async function outcomeOf(check: Check, needed: Promise<Outcome> | undefined, context: CheckContext): Promise<Outcome> {
  const { id, title } = check;
  const before = await needed;
  if (before?.isBroken) {
    const line: CheckLine = { status: 'unknown', message: `needs the ${before.examined.title}` };
    return { examined: { id, title, lines: [line] }, isBroken: true };
  }
  try {
    return { examined: { id, title, lines: await check.run(context) }, isBroken: false };
  } catch (error) {
    if (context.signal.aborted) throw context.signal.reason;
    const line = lineOf(error);
    return { examined: { id, title, lines: [line] }, isBroken: line.status === 'fail' };
  }
}

/** Not being allowed to look says nothing about what is there. */
export function lineOf(error: unknown): CheckLine {
  if (!(error instanceof Failure)) throw error;
  const { hint } = error.details;
  return { status: error.code === 'forbidden' ? 'unknown' : 'fail', message: error.message, ...(hint === undefined ? {} : { hint }) };
}
