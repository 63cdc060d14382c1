// The steps in their order: which run, which are skipped and why, and which attack each expected alert is about.
import { evaluate, type Scope } from '../language/expression.ts';
import type { Playbook, Step } from '../language/playbook.ts';
import { Failure } from '../ports/failure.ts';
import type { AlertExpectation, StepDefinition } from '../steps/step.ts';
import type { Problem } from './events.ts';
import type { Attack } from './expectations.ts';
import { factsOf, isBeyondTheStep, isRuledOut, runStep, type StepWorld, skipStep } from './run-step.ts';
import type { RanStep } from './verdict.ts';

export interface Registered {
  expectation: AlertExpectation;
  attack: Attack;
}

export interface StepsDone {
  steps: RanStep[];
  expectations: Registered[];
  /** What kept the run from going on, where it was no attack's own end. */
  problem?: Problem;
}

/** Signals of a run. `steps` ends the steps; `finally` gives those of `finally` a last chance, asked anew before each. */
export interface StepSignals {
  steps: AbortSignal;
  finally(): AbortSignal;
}

/** Runs the steps, then those of `finally`. `outputs` is filled as steps yield; the scope reads from it. */
export async function runSteps(
  playbook: Playbook,
  definitions: readonly StepDefinition[],
  { scope, outputs, ...rest }: Omit<StepWorld, 'scope'> & { scope: Scope; outputs: Record<string, Record<string, unknown>> },
  signals: StepSignals,
): Promise<StepsDone> {
  const world: StepWorld = { ...rest, scope };
  const steps: RanStep[] = [];
  const registered: { expectation: AlertExpectation; before: number }[] = [];
  let problem: Problem | undefined;
  /** Why no further step runs. */
  let stop: { reason: string; preventedBy?: string } | undefined;

  const take = async (step: Step, signal: AbortSignal, why: typeof stop): Promise<void> => {
    const definition = definitions.find(({ type }) => type === step.type);
    if (definition === undefined) throw new Failure('internal', `there is no step type ${step.type}`);
    if (definition.expects !== undefined) {
      const expectation = register(step, definition, scope);
      if (expectation !== undefined) registered.push({ expectation, before: steps.length });
      return;
    }
    const { end, outputs: yielded } = why === undefined ? await runStep(step, definition, world, signal) : skipStep(step, why, world);
    const isAttack = step.attack.length > 0;
    steps.push({ facts: factsOf(step), end });
    if (step.id !== undefined && end.status !== 'skipped') outputs[step.id] = yielded;
    if (end.status === 'prevented' && !isAttack && !step.continueOnError) {
      const preventedBy = end.problem?.policy ?? 'a control';
      stop ??= { reason: `"${step.name}" was prevented by ${preventedBy}`, preventedBy };
    }
    if (end.status !== 'failed') return;
    const isBeyond = isBeyondTheStep(end);
    if (!step.continueOnError || isBeyond) stop ??= { reason: `"${step.name}" failed` };
    if (isBeyond || (!isAttack && !step.continueOnError)) problem ??= end.problem;
  };

  const interrupted = { reason: 'interrupted' };
  for (const step of playbook.steps) await take(step, signals.steps, signals.steps.aborted ? interrupted : stop);
  for (const step of playbook.finally) {
    const signal = signals.finally();
    await take(step, signal, signal.aborted ? interrupted : undefined);
  }
  const expectations = registered.map(({ expectation, before }) => ({ expectation, attack: attackOf(expectation, steps, before) }));
  return { steps, expectations, ...(problem === undefined ? {} : { problem }) };
}

/** The expectation of a step, also where the steps before it failed: what was not attacked must be told as well. */
function register(step: Step, definition: StepDefinition, scope: Scope): AlertExpectation | undefined {
  if (isRuledOut(step, scope)) return undefined;
  return definition.expects?.(evaluate(step.body, scope));
}

/** The first step of `of` that was not skipped; without `of` the nearest attack step before. */
function attackOf({ of }: AlertExpectation, steps: readonly RanStep[], before: number): Attack {
  const candidates =
    of === undefined
      ? steps
          .slice(0, before)
          .filter(({ facts }) => facts.attack.length > 0)
          .reverse()
      : of.flatMap((id) => steps.filter(({ facts }) => facts.id === id));
  const attack = candidates.find(({ end }) => end.status !== 'skipped');
  if (attack !== undefined) return { attack };
  // One that something else kept from running says more than one that was not meant to run.
  const skipped = candidates.find(({ end }) => end.preventedBy !== undefined) ?? candidates[0];
  if (skipped === undefined) return { attack: undefined, absence: 'no attack step ran' };
  const { reason, preventedBy } = skipped.end;
  return {
    attack: undefined,
    absence: `"${skipped.facts.name}" was skipped: ${reason}`,
    ...(preventedBy === undefined ? {} : { preventedBy }),
  };
}
