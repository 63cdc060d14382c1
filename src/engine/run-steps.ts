// The steps of a playbook in their order, groups and used files within: which run, which are skipped and why, and which alerts are expected.
import { ExpressionError } from '../language/cel.ts';
import { evaluate, evaluateCondition } from '../language/expression.ts';
import { evaluateKnown } from '../language/known.ts';
import type { Step } from '../language/playbook.ts';
import { allSteps } from '../language/step-tree.ts';
import { Failure } from '../ports/failure.ts';
import type { AlertExpectation, StepDefinition } from '../steps/step.ts';
import { actionOf } from './act.ts';
import { attackOf, type Registered } from './attack-of.ts';
import type { Problem, StepFacts } from './events.ts';
import { type Frame, factsOf, frameOf } from './frame.ts';
import {
  type Attempt,
  isBeyondTheStep,
  isRuledOut,
  limited,
  problemOf,
  runStep,
  type StepRun,
  type StepWorld,
  skipStep,
} from './run-step.ts';
import type { RanStep } from './verdict.ts';

export interface StepsDone {
  /** Those of used files too, each before the step that uses the file. */
  steps: RanStep[];
  expectations: Registered[];
  /** What kept the run from going on, where it was no attack's own end. */
  problem?: Problem;
  /** Why later steps were skipped. */
  stop?: Stop;
}

/** Why a step does not run. */
interface Stop {
  reason: string;
  preventedBy?: string;
  problem?: Problem;
  /** It was not meant to run, and so nothing is expected of it. */
  isRuledOut?: true;
}

export interface RunningWorld extends StepWorld {
  definitions: readonly StepDefinition[];
  /** Folder of the playbook that was asked for: where the folders of used files count from. */
  folder: string;
  /** A signal for the steps of `finally` where that of the steps has aborted; asked anew before each. */
  lastChance(): AbortSignal;
}

/** Runs the steps of a frame, then those of `finally`. `why` given: none runs, but what they expect is told. */
export async function runSteps(frame: Frame, world: RunningWorld, signal: AbortSignal, why?: Stop): Promise<StepsDone> {
  const done: Progress = { ran: new Map(), inside: [], expected: new Map(), insideExpected: new Map(), ...(why && { stop: why }) };
  for (const step of frame.list.steps) await take(step, frame, world, signal, done, signal.aborted ? (why ?? stopOf(signal)) : done.stop);
  for (const step of frame.list.finally) {
    const last = signal.aborted ? world.lastChance() : signal;
    await take(step, frame, world, last, done, why ?? (last.aborted ? stopOf(last) : undefined));
  }
  const order = allSteps(frame.list);
  const ran = order.flatMap((step) => done.ran.get(step) ?? []);
  const expectations = order.flatMap((step, index): Registered[] => {
    const expectation = done.expected.get(step);
    if (expectation === undefined) return done.insideExpected.get(step) ?? [];
    const before = order.slice(0, index).flatMap((each) => done.ran.get(each) ?? []);
    return [{ expectation, attack: attackOf(expectation, ran, before) }];
  });
  const { problem, stop } = done;
  return { steps: [...done.inside, ...ran], expectations, ...(problem && { problem }), ...(stop && { stop }) };
}

/** What has happened in a frame so far. */
interface Progress {
  ran: Map<Step, RanStep>;
  /** Steps of used files, and what they expect. */
  inside: RanStep[];
  expected: Map<Step, AlertExpectation>;
  insideExpected: Map<Step, Registered[]>;
  stop?: Stop;
  problem?: Problem;
}

async function take(
  step: Step,
  frame: Frame,
  world: RunningWorld,
  signal: AbortSignal,
  done: Progress,
  why: Stop | undefined,
): Promise<void> {
  if (step.parallel !== undefined) return await takeTogether(step, step.parallel, frame, world, signal, done, why);
  const definition = world.definitions.find(({ type }) => type === step.type);
  if (definition === undefined && step.uses === undefined) throw new Failure('internal', `there is no step type ${step.type}`);
  if (definition?.expects !== undefined) {
    const expectation = why?.isRuledOut ? undefined : register(step, definition, frame);
    if (expectation !== undefined) done.expected.set(step, expectation);
    return;
  }
  const facts = factsOf(step, frame);
  const { end, outputs } =
    definition === undefined
      ? await takeUsed(step, facts, frame, world, signal, done, why)
      : await takeOne(step, facts, definition, frame, world, signal, why);
  done.ran.set(step, { facts, end });
  if (step.id !== undefined && end.status !== 'skipped') frame.outputs[step.id] = outputs;
  const isAttack = facts.attack.length > 0;
  if (end.status === 'prevented' && !isAttack && !step.continueOnError) {
    const preventedBy = end.problem?.policy ?? 'a control';
    done.stop ??= { reason: `"${step.name}" was prevented by ${preventedBy}`, preventedBy };
  }
  if (end.status !== 'failed') return;
  const isBeyond = isBeyondTheStep(end);
  if (!step.continueOnError || isBeyond) done.stop ??= { reason: `"${step.name}" failed`, ...(end.problem && { problem: end.problem }) };
  if (end.problem !== undefined && (isBeyond || (!isAttack && !step.continueOnError))) done.problem ??= end.problem;
}

/** One that has a type. */
async function takeOne(
  step: Step,
  facts: StepFacts,
  definition: StepDefinition,
  frame: Frame,
  world: RunningWorld,
  signal: AbortSignal,
  why: Stop | undefined,
): Promise<StepRun> {
  if (why !== undefined) return skipStep(facts, skipReason(why), world);
  return await runStep(step, facts, actionOf(step, definition, facts, frame, world), frame.scope, world, signal);
}

/** One that uses a file: its end is that of the steps inside. */
async function takeUsed(
  step: Step,
  facts: StepFacts,
  frame: Frame,
  world: RunningWorld,
  signal: AbortSignal,
  done: Progress,
  why: Stop | undefined,
): Promise<StepRun> {
  let inside: StepsDone | undefined;
  const skipInside = async (reason: Stop) => {
    // What is not attacked must be told as well.
    const skipped = await expectedInside(step, frame, world, reason);
    if (skipped !== undefined) done.insideExpected.set(step, skipped);
  };
  if (why !== undefined) {
    if (!why.isRuledOut && !isRuledOut(step, frame.scope)) await skipInside(why);
    return skipStep(facts, skipReason(why), world);
  }
  const attempt = async (limit: AbortSignal): Promise<Attempt> => {
    const inner = frameOf(step, frame, world.folder);
    inside = await runSteps(inner, world, limit);
    return attemptOf(inside, inner);
  };
  const timeout = step.timeout ?? frame.timeout ?? step.uses?.definition.timeout ?? 0;
  const run = await runStep(step, facts, { timeout, attempt }, frame.scope, world, signal);
  if (inside !== undefined) {
    done.inside.push(...inside.steps);
    done.insideExpected.set(step, inside.expectations);
  } else if (run.end.status !== 'skipped') await skipInside({ reason: `"${step.name}" failed` });
  return run;
}

/** What the end of its steps means for the step that uses a file. */
function attemptOf({ steps, stop, problem }: StepsDone, inner: Frame): Attempt {
  const own = steps.filter(({ facts }) => facts.within === inner.prefix.slice(0, -1));
  const bad = own.find(({ facts, end }) => end.status === 'failed' && (facts.attack.length > 0 || stop !== undefined));
  const prevented = own.find(({ end }) => end.status === 'prevented');
  if (prevented !== undefined && bad === undefined)
    return { status: 'prevented', ...(prevented.end.problem && { problem: prevented.end.problem }) };
  if (bad !== undefined || stop !== undefined) {
    const why = problem ?? bad?.end.problem ?? stop?.problem ?? { code: 'expectation', message: stop?.reason ?? 'a step failed' };
    return { status: 'failed', problem: own.length > 1 && bad ? { ...why, message: `"${bad.facts.name}": ${why.message}` } : why };
  }
  if (own.length > 0 && own.every(({ end }) => end.status === 'skipped'))
    return { status: 'failed', problem: { code: 'expectation', message: 'every step of the file was skipped' } };
  return { status: 'succeeded', outputs: evaluate(inner.list.outputs, inner.scope) as Record<string, unknown> };
}

/** What a file that is not used after all would have expected. */
async function expectedInside(step: Step, frame: Frame, world: RunningWorld, why: Stop): Promise<Registered[] | undefined> {
  try {
    const silent: RunningWorld = { ...world, record: () => undefined };
    return (await runSteps(frameOf(step, frame, world.folder), silent, AbortSignal.abort(), why)).expectations;
  } catch (error) {
    // Its inputs read what did not happen.
    if (error instanceof ExpressionError || error instanceof Failure) return undefined;
    throw error;
  }
}

/** Steps that run together; the group ends with the last of them. */
async function takeTogether(
  group: Step,
  steps: readonly Step[],
  frame: Frame,
  world: RunningWorld,
  signal: AbortSignal,
  done: Progress,
  why: Stop | undefined,
): Promise<void> {
  const { stop, problem } = done;
  const reason = why ?? groupCondition(group, frame, done);
  const all = (limit: AbortSignal) => Promise.all(steps.map((step) => take(step, frame, world, limit, done, reason)));
  if (group.timeout === undefined) await all(signal);
  else await limited(group.timeout, world.clock, signal, all);
  if (!group.continueOnError) return;
  // A step inside that failed is the group's own affair.
  if (stop === undefined) delete done.stop;
  if (problem === undefined) delete done.problem;
}

/** Why the steps of a group do not run, where its condition is false or cannot be judged. */
function groupCondition({ when, name }: Step, { scope }: Frame, done: Progress): Stop | undefined {
  try {
    if (when === undefined || evaluateCondition(when, scope)) return undefined;
    return { reason: `its condition is false: ${when}`, isRuledOut: true };
  } catch (error) {
    const problem = problemOf(error);
    done.problem ??= problem;
    done.stop ??= { reason: `the condition of "${name}" cannot be judged`, problem };
    return done.stop;
  }
}

const skipReason = ({ reason, preventedBy }: Stop) => ({ reason, ...(preventedBy === undefined ? {} : { preventedBy }) });

const stopOf = (signal: AbortSignal): Stop => {
  const { code, message } = problemOf(signal.reason);
  return { reason: code === 'interrupted' ? 'interrupted' : message };
};

/** The expectation of a step, also where the steps before it failed: what was not attacked must be told as well. */
function register(step: Step, definition: StepDefinition, { scope }: Frame): AlertExpectation | undefined {
  if (isRuledOut(step, scope)) return undefined;
  return definition.expects?.(evaluateKnown(step.body, scope).value);
}
