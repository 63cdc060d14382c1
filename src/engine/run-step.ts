// One step: condition, attempts, repetitions, time limit, and what its end means. What one attempt does is handed in.
import { ExpressionError } from '../language/cel.ts';
import { evaluateCondition, type Scope } from '../language/expression.ts';
import type { Step } from '../language/playbook.ts';
import type { Clock } from '../ports/clock.ts';
import { Failure, type FailureCode } from '../ports/failure.ts';
import type { StepContext } from '../steps/step.ts';
import type { Execution, Observer, Problem, StepEnd, StepFacts } from './events.ts';
import type { Redactor } from './redact.ts';

/** What a step's context has that does not depend on the step. */
export type ContextForRun = Omit<
  StepContext,
  'signal' | 'timeout' | 'step' | 'say' | 'note' | 'pod' | 'create' | 'adopt' | 'checkChange' | 'removePod'
> & {
  pod(selector: Parameters<StepContext['pod']>[0], signal: AbortSignal): ReturnType<StepContext['pod']>;
  create(objects: Parameters<StepContext['create']>[0], signal: AbortSignal): ReturnType<StepContext['create']>;
  adopt(object: Parameters<StepContext['adopt']>[0], signal: AbortSignal): ReturnType<StepContext['adopt']>;
  checkChange(
    change: Parameters<StepContext['checkChange']>[0],
    content: Parameters<StepContext['checkChange']>[1],
    signal: AbortSignal,
  ): ReturnType<StepContext['checkChange']>;
  removePod(pod: Parameters<StepContext['removePod']>[0]): Promise<void>;
};

/** What a step needs of the run. */
export interface StepWorld {
  record: Observer;
  clock: Clock;
  redact: Redactor;
}

/** What one attempt came to. */
export type Attempt = Pick<StepEnd, 'status' | 'problem'> & { outputs?: Record<string, unknown>; note?: string };

/** The step's outputs whole, beside what the log keeps of it. */
export interface StepRun {
  end: StepEnd;
  outputs: Record<string, unknown>;
}

export interface StepWork {
  /** Milliseconds that one attempt may take; it is told by its signal. */
  timeout: number;
  attempt(signal: AbortSignal): Promise<Attempt>;
}

const LONGEST_OUTPUT = 4096;

/** Runs a step to its end; never throws. */
export async function runStep(
  step: Step,
  facts: StepFacts,
  work: StepWork,
  scope: Scope,
  { record, clock, redact }: StepWorld,
  signal: AbortSignal,
): Promise<StepRun> {
  const startedAt = clock.now();
  const started = clock.monotonic();
  const executions: Execution[] = [];
  let attempts = 0;
  let last: Attempt = { status: 'failed' };
  const end = (rest: Pick<StepEnd, 'status' | 'problem' | 'reason'>): StepRun => {
    const outputs = last.outputs ?? {};
    const whole: StepEnd = {
      startedAt,
      milliseconds: Math.round(clock.monotonic() - started),
      // Masked before it is cut: half a secret would be masked no more.
      outputs: shortened(redact.value(outputs)),
      ...(last.note === undefined ? {} : { note: last.note }),
      ...(attempts > (step.repeat?.times ?? 1) ? { attempts } : {}),
      ...(step.repeat === undefined ? {} : { executions }),
      ...rest,
    };
    record({ type: 'step-finished', at: clock.now(), step: facts, end: whole });
    return { end: whole, outputs };
  };
  const say = (text: string) => record({ type: 'step-said', at: clock.now(), step: facts.key, text });

  const attemptOnce = async (): Promise<Attempt> => {
    attempts++;
    const attempt = await limited(work.timeout, clock, signal, work.attempt).catch(failedBy);
    return attempt.status === 'succeeded' ? untilHolds(step, attempt, scope) : attempt;
  };
  const execute = async (): Promise<Attempt> => {
    const { attempts: most = 1, delay = 0, backoff = 1 } = step.retry ?? {};
    for (let tried = 1; ; tried++) {
      const attempt = await attemptOnce();
      if (attempt.status !== 'failed' || tried >= most || signal.aborted || isBeyondTheStep(attempt)) return attempt;
      const pause = delay * backoff ** (tried - 1);
      say(`attempt ${tried} of ${most}: ${attempt.problem?.message ?? 'failed'}; again in ${pause / 1000} s`);
      await clock.sleep(pause, signal).catch(() => undefined);
      if (signal.aborted) return attempt;
    }
  };

  try {
    if (step.when !== undefined && !evaluateCondition(step.when, scope))
      return end({ status: 'skipped', reason: `its condition is false: ${step.when}` });
    record({ type: 'step-started', at: startedAt, step: facts });
    const { times = 1, every = 0 } = step.repeat ?? {};
    for (let time = 1; time <= times; time++) {
      if (time > 1) {
        say(`${time} of ${times} in ${every / 1000} s`);
        await clock.sleep(every, signal);
      }
      const from = clock.now();
      const begun = clock.monotonic();
      last = await execute();
      if (last.status !== 'succeeded') break;
      executions.push({ startedAt: from, milliseconds: Math.round(clock.monotonic() - begun) });
    }
    const { status, problem } = last;
    return end({ status, ...(problem === undefined ? {} : { problem }) });
  } catch (error) {
    return end(failedBy(error));
  }
}

/** An attempt that threw; a refusal by a control is no failure of the step. */
export function failedBy(error: unknown): Attempt {
  const problem = problemOf(error);
  return { status: problem.code === 'admission-denied' ? 'prevented' : 'failed', problem };
}

/** An attempt that succeeded, but not yet with what `until` waits for. */
function untilHolds({ retry }: Step, attempt: Attempt, scope: Scope): Attempt {
  const { until } = retry ?? {};
  if (until === undefined || evaluateCondition(until, { ...scope, outputs: attempt.outputs ?? {} })) return attempt;
  return { ...attempt, status: 'failed', problem: { code: 'expectation', message: `\`${until}\` is not true` } };
}

/** True only where the step's condition is known to be false: one that reads an output that is not there rules nothing out. */
export function isRuledOut({ when }: Step, scope: Scope): boolean {
  try {
    return when !== undefined && !evaluateCondition(when, scope);
  } catch (error) {
    if (error instanceof ExpressionError) return false;
    throw error;
  }
}

/** A step that is not run. */
export function skipStep(
  facts: StepFacts,
  why: { reason: string; preventedBy?: string },
  { record, clock }: Pick<StepWorld, 'record' | 'clock'>,
): StepRun {
  const at = clock.now();
  const end: StepEnd = { status: 'skipped', startedAt: at, milliseconds: 0, ...why };
  record({ type: 'step-finished', at, step: facts, end });
  return { end, outputs: {} };
}

/** Codes that say nothing about the step, only that the cluster (or this machine) could not be worked with. */
const BEYOND_THE_STEP: ReadonlySet<Problem['code']> = new Set<FailureCode>([
  'configuration',
  'unreachable',
  'unauthorized',
  'forbidden',
  'throttled',
  'server-error',
  'storage',
  'internal',
]);

/** True where the run could not go on, whatever the step was: exit code 3 and not a verdict. */
export const isBeyondTheStep = ({ problem }: Pick<StepEnd, 'problem'>): boolean =>
  problem !== undefined && BEYOND_THE_STEP.has(problem.code);

export function problemOf(error: unknown): Problem {
  if (error instanceof ExpressionError) return { code: 'expression', message: error.message };
  if (!(error instanceof Failure)) return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
  const { hint, policy } = error.details;
  return { code: error.code, message: error.message, ...(hint === undefined ? {} : { hint }), ...(policy === undefined ? {} : { policy }) };
}

/** Runs under a time limit; the work is told by its signal, and has the last word on what is thrown. */
export async function limited<T>(
  milliseconds: number,
  clock: Clock,
  signal: AbortSignal,
  work: (limit: AbortSignal) => Promise<T>,
  what = 'it',
): Promise<T> {
  const done = new AbortController();
  const limit = new AbortController();
  const expire = () => limit.abort(new Failure('timeout', `${what} did not end within ${milliseconds / 1000} s`));
  clock.sleep(milliseconds, done.signal).then(expire, () => undefined);
  try {
    return await work(AbortSignal.any([signal, limit.signal]));
  } finally {
    done.abort();
  }
}

function shortened(outputs: Record<string, unknown>): Record<string, unknown> {
  const short = (value: unknown): unknown => {
    if (typeof value === 'string')
      return value.length > LONGEST_OUTPUT ? `${value.slice(0, LONGEST_OUTPUT)}... (${value.length} characters)` : value;
    if (typeof value !== 'object' || value === null) return value;
    return JSON.stringify(value).length > LONGEST_OUTPUT ? '(too large for the log)' : value;
  };
  return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, short(value)]));
}
