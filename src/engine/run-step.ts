// One step: condition, expressions, time limit, run, and what its end means. Knows step types only through their contract.
import { ExpressionError } from '../language/cel.ts';
import { checkBody } from '../language/check-body.ts';
import { evaluate, evaluateCondition, type Scope } from '../language/expression.ts';
import type { Step } from '../language/playbook.ts';
import type { Clock } from '../ports/clock.ts';
import { Failure, type FailureCode } from '../ports/failure.ts';
import type { StepContext, StepDefinition, StepResult } from '../steps/step.ts';
import { keyOf, type Observer, type Problem, type StepEnd, type StepFacts } from './events.ts';
import type { Redactor } from './redact.ts';

/** What a step's context has that does not depend on the step. */
export type ContextForRun = Omit<StepContext, 'signal' | 'timeout' | 'step' | 'say' | 'note' | 'pod' | 'create' | 'removePod'> & {
  pod(selector: Parameters<StepContext['pod']>[0], signal: AbortSignal): ReturnType<StepContext['pod']>;
  create(objects: Parameters<StepContext['create']>[0], signal: AbortSignal): ReturnType<StepContext['create']>;
  removePod(pod: Parameters<StepContext['removePod']>[0]): Promise<void>;
};

/** What a step needs of the run. */
export interface StepWorld {
  context: ContextForRun;
  scope: Scope;
  record: Observer;
  clock: Clock;
  redact: Redactor;
}

/** The step's outputs whole, beside what the log keeps of it. */
export interface StepRun {
  end: StepEnd;
  outputs: Record<string, unknown>;
}

const LONGEST_OUTPUT = 4096;

export const factsOf = ({ path, name, id, attack, type }: Step): StepFacts => ({
  key: keyOf(path),
  name,
  ...(id === undefined ? {} : { id }),
  attack,
  kind: type,
});

/** Runs a step to its end; never throws. `reason` given: it is skipped for that. */
export async function runStep(
  step: Step,
  definition: StepDefinition,
  { context, scope, record, clock, redact }: StepWorld,
  signal: AbortSignal,
): Promise<StepRun> {
  const facts = factsOf(step);
  const startedAt = clock.now();
  const started = clock.monotonic();
  let note: string | undefined;
  let outputs: Record<string, unknown> = {};
  const end = (rest: Pick<StepEnd, 'status' | 'problem' | 'reason'>): StepRun => {
    const whole: StepEnd = {
      startedAt,
      milliseconds: Math.round(clock.monotonic() - started),
      // Masked before it is cut: half a secret would be masked no more.
      outputs: shortened(redact.value(outputs)),
      ...(note === undefined ? {} : { note }),
      ...rest,
    };
    record({ type: 'step-finished', at: clock.now(), step: facts, end: whole });
    return { end: whole, outputs };
  };
  try {
    if (step.when !== undefined && !evaluateCondition(step.when, scope))
      return end({ status: 'skipped', reason: `its condition is false: ${step.when}` });
    const body = evaluate(step.body, scope);
    const wrong = checkBody(definition, body);
    if (wrong.length > 0) return end({ status: 'failed', problem: { code: 'expression', message: wrong.join('; ') } });
    record({ type: 'step-started', at: startedAt, step: facts });
    const timeout = step.timeout ?? definition.defaultTimeout;
    const result = await limited(timeout, clock, signal, (limit) => {
      const stepContext: StepContext = {
        ...context,
        signal: limit,
        timeout,
        step: { name: step.name, ...(step.id === undefined ? {} : { id: step.id }) },
        pod: (selector) => context.pod(selector, limit),
        create: (objects) => context.create(objects, limit),
        say: (text) => record({ type: 'step-said', at: clock.now(), step: facts.key, text }),
        note: (text) => {
          note = text;
        },
      };
      return definition.run?.(body, stepContext) ?? Promise.resolve<StepResult>({});
    });
    outputs = result.outputs ?? {};
    const { mismatches = [] } = result;
    if (mismatches.length === 0) return end({ status: 'succeeded' });
    return end({ status: 'failed', problem: { code: 'expectation', message: mismatches.join('; ') } });
  } catch (error) {
    const problem = problemOf(error);
    return end({ status: problem.code === 'admission-denied' ? 'prevented' : 'failed', problem });
  }
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
  step: Step,
  why: { reason: string; preventedBy?: string },
  { record, clock }: Pick<StepWorld, 'record' | 'clock'>,
): StepRun {
  const at = clock.now();
  const end: StepEnd = { status: 'skipped', startedAt: at, milliseconds: 0, ...why };
  record({ type: 'step-finished', at, step: factsOf(step), end });
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
export const isBeyondTheStep = ({ problem }: StepEnd): boolean => problem !== undefined && BEYOND_THE_STEP.has(problem.code);

export function problemOf(error: unknown): Problem {
  if (error instanceof ExpressionError) return { code: 'expression', message: error.message };
  if (!(error instanceof Failure)) return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
  const { hint, policy } = error.details;
  return { code: error.code, message: error.message, ...(hint === undefined ? {} : { hint }), ...(policy === undefined ? {} : { policy }) };
}

/** Runs under a time limit; the work is told by its signal, and has the last word on what is thrown. */
async function limited<T>(milliseconds: number, clock: Clock, signal: AbortSignal, work: (limit: AbortSignal) => Promise<T>): Promise<T> {
  const done = new AbortController();
  const limit = new AbortController();
  const expire = () => limit.abort(new Failure('timeout', `it did not end within ${milliseconds / 1000} s`));
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
