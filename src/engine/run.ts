// A run: sources open, the steps in order, the verdict, the cleanup. Everything it does is an event first.
import { ExpressionError } from '../language/cel.ts';
import { evaluate, resolveVariables, type Scope } from '../language/expression.ts';
import type { Playbook, Step } from '../language/playbook.ts';
import type { AlertSource } from '../ports/alerts.ts';
import type { Charts } from '../ports/charts.ts';
import type { Clock } from '../ports/clock.ts';
import type { Cluster, PodReference } from '../ports/cluster.ts';
import { Failure } from '../ports/failure.ts';
import type { Files } from '../ports/files.ts';
import type { RunLog } from '../ports/run-log.ts';
import type { AlertExpectation, RunFacts, StepDefinition } from '../steps/step.ts';
import { cleanUp, leftBehind, objectsOf } from './cleanup.ts';
import { objectCreator } from './create.ts';
import { EVENTS_VERSION, type Observer, type Problem, type Removal, type RunEvent, type Verdict } from './events.ts';
import { exitCodeOf } from './exit-code.ts';
import { type AlertJudge, type Attack, type RunIdentity, watchAlerts } from './expectations.ts';
import { podFinder } from './pods.ts';
import { recorder } from './record.ts';
import { redactor } from './redact.ts';
import { type ContextForRun, factsOf, isBeyondTheStep, problemOf, runStep, skipStep } from './run-step.ts';
import type { RanStep } from './verdict.ts';

export interface RunRequest {
  playbook: Playbook;
  /** Folder of the playbook's file. */
  folder: string;
  /** Values of all inputs, checked. */
  inputs: Record<string, unknown>;
  run: RunFacts;
  /** Texts that must not be seen beside the run's token: values of secret inputs. */
  secrets: readonly string[];
  /** Guards that were switched off, for the log. */
  overrides: readonly string[];
  allowUnverified: boolean;
  /** Whether everything stays on the cluster afterwards. */
  keep: boolean;
  /** Whether cleanup waits until every expected alert is settled. */
  keepUntilAlerts: boolean;
}

export interface RunWorld {
  cluster: Cluster;
  /** Version of the API server, and what tells this cluster from all others. */
  clusterVersion: string;
  clusterIdentity: string;
  charts: Charts;
  files: Files;
  clock: Clock;
  log: RunLog;
  steps: readonly StepDefinition[];
  sources: readonly AlertSource[];
  judge: AlertJudge;
  observe: Observer;
  /** Aborts when the operator wants to stop: the steps end, cleanup still runs. */
  interrupt: AbortSignal;
  /** Aborts when not even the cleanup is wanted. */
  abandon: AbortSignal;
}

export interface RunResult {
  exitCode: number;
  verdicts: Verdict[];
  steps: RanStep[];
  left: Removal[];
  interrupted: boolean;
  problem?: Problem;
}

const CLEANUP_LIMIT = 90_000;
/** For `finally` after an interruption. */
const LAST_STEPS_LIMIT = 15_000;

/** Runs a playbook to its verdict and until nothing of it is left. Never throws: what went wrong is in the result, and in the log. */
export async function runPlaybook(request: RunRequest, world: RunWorld): Promise<RunResult> {
  const { run, keep } = request;
  const { clock, cluster, log } = world;
  const started = clock.monotonic();
  const broken = new AbortController();
  const events: RunEvent[] = [];
  const observe: Observer = (event) => {
    events.push(event);
    world.observe(event);
  };
  const redact = redactor([run.token, ...request.secrets]);
  const { record, recordDurably, flush } = recorder(log, redact, observe, (error) => broken.abort(error));
  const signal = AbortSignal.any([world.interrupt, world.abandon, broken.signal]);

  let problem: Problem | undefined;
  let steps: RanStep[] = [];
  let verdicts: Verdict[] = [];
  let left: Removal[] = [];
  const attempt = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      problem ??= problemOf(error);
    }
  };

  const removeAll = async () => {
    const at = clock.monotonic();
    record({ type: 'cleanup-started', at: clock.now() });
    if (!keep) {
      const limit = AbortSignal.any([world.abandon, AbortSignal.timeout(CLEANUP_LIMIT)]);
      const objects = objectsOf(events);
      const removals =
        objects.length === 0 ? [] : await cleanUp({ cluster, now: () => clock.now(), record }, { runId: run.id, objects }, limit);
      left = leftBehind(removals);
    }
    record({ type: 'cleanup-finished', at: clock.now(), milliseconds: Math.round(clock.monotonic() - at), left, kept: keep });
  };

  await attempt(async () => {
    await recordDurably([startedEvent(request, world)]);
    const identity: RunIdentity = { id: run.id, namespace: run.namespace, podUids: [], containerIds: [] };
    const alerts = await watchAlerts(
      { sources: world.sources, judge: world.judge, clock, record },
      identity,
      AbortSignal.any([world.abandon, broken.signal]),
    );
    try {
      const context = contextForRun(request, world, identity, recordDurably);
      const done = await runSteps(request, world, { context, record }, signal);
      steps = done.steps;
      const settle = async () => {
        verdicts = await Promise.all(done.expectations.map(({ expectation, attack }) => alerts.settle(expectation, attack)));
        record({ type: 'verdict-reached', at: clock.now(), verdicts });
      };
      // What nobody watches is settled at once: the verdict first. Else both go on together.
      if (request.keepUntilAlerts || world.sources.length === 0) await settle().then(removeAll);
      else await Promise.all([settle(), removeAll()]);
    } finally {
      await alerts.close();
    }
  });
  if (!events.some(({ type }) => type === 'cleanup-started')) await attempt(removeAll);

  await attempt(flush);

  const interrupted = world.interrupt.aborted || world.abandon.aborted;
  const failed = steps.find(({ facts, end }) => end.status === 'failed' && (facts.attack.length === 0 || isBeyondTheStep(end)));
  if (!interrupted) problem ??= failed?.end.problem;
  const exitCode = exitCodeOf({
    interrupted,
    leftBehind: left.length > 0,
    couldNotRun: problem !== undefined,
    verdicts,
    steps,
    allowUnverified: request.allowUnverified,
  });
  const milliseconds = Math.round(clock.monotonic() - started);
  record({ type: 'run-finished', at: clock.now(), milliseconds, exitCode, interrupted, ...(problem === undefined ? {} : { problem }) });
  await attempt(flush);
  return { exitCode, verdicts, steps, left, interrupted, ...(problem === undefined ? {} : { problem }) };
}

function startedEvent({ playbook, run, inputs, overrides }: RunRequest, world: RunWorld): RunEvent {
  const { cluster, clock, clusterIdentity, clusterVersion, sources } = world;
  return {
    type: 'run-started',
    version: EVENTS_VERSION,
    at: clock.now(),
    run: { id: run.id, namespace: run.namespace },
    playbook: { name: playbook.metadata.name, title: playbook.metadata.title, file: playbook.file },
    cluster: { context: cluster.context, server: cluster.server, version: clusterVersion, identity: clusterIdentity },
    inputs,
    overrides: [...overrides],
    sources: sources.map(({ name }) => name),
  };
}

function contextForRun(
  { playbook, run, folder }: RunRequest,
  { cluster, charts, files, clock, clusterVersion }: RunWorld,
  identity: RunIdentity,
  recordDurably: (events: readonly RunEvent[]) => Promise<void>,
): ContextForRun {
  const pods = podFinder(cluster, run, (uid, containerIds) => {
    identity.podUids = [...new Set([...identity.podUids, uid])];
    identity.containerIds = [...new Set([...identity.containerIds, ...containerIds])];
  });
  const creator = objectCreator({ cluster, run, risk: playbook.metadata.risk, now: () => clock.now(), recordDurably });
  return {
    run,
    folder,
    charts,
    files,
    clock,
    cluster,
    kubeVersion: clusterVersion.replace(/^v/, ''),
    pod: pods.find,
    create: (objects, signal) => creator.create(objects, signal),
    declareRoles: pods.declareRoles,
    async removePod({ namespace, name }: PodReference) {
      // Its own signal: this is done where the step's time is up already.
      await cluster.delete({ apiVersion: 'v1', kind: 'Pod', namespace, name }, { gracePeriodSeconds: 0 }, AbortSignal.timeout(10_000));
    },
  };
}

interface Registered {
  expectation: AlertExpectation;
  attack: Attack;
}

async function runSteps(
  { playbook, inputs, run }: RunRequest,
  { steps: definitions, clock, interrupt, abandon }: RunWorld,
  { context, record }: { context: ContextForRun; record: Observer },
  signal: AbortSignal,
): Promise<{ steps: RanStep[]; expectations: Registered[] }> {
  const outputs: Record<string, Record<string, unknown>> = Object.create(null);
  const variables = resolveVariables(playbook.variables, { inputs, run });
  const scope: Scope = { inputs, variables, run, steps: outputs };
  const steps: RanStep[] = [];
  const registered: { expectation: AlertExpectation; before: number }[] = [];
  /** Why no further step runs. */
  let stop: string | undefined;
  let preventedBy: string | undefined;

  const take = async (step: Step, limit: AbortSignal, reason: string | undefined): Promise<void> => {
    const definition = definitions.find(({ type }) => type === step.type);
    if (definition === undefined) throw new Failure('internal', `there is no step type ${step.type}`);
    if (definition.expects !== undefined) {
      const expectation = register(step, definition, scope);
      if (expectation !== undefined) registered.push({ expectation, before: steps.length });
      return;
    }
    const world = { context, scope, record, clock };
    const { end, outputs: yielded } = reason === undefined ? await runStep(step, definition, world, limit) : skipStep(step, reason, world);
    steps.push({ facts: factsOf(step), end });
    if (step.id !== undefined && end.status !== 'skipped') outputs[step.id] = yielded;
    if (end.status === 'prevented' && step.attack.length === 0) {
      preventedBy ??= end.problem?.policy ?? 'a control';
      stop ??= `"${step.name}" was prevented by ${preventedBy}`;
    }
    if (end.status === 'failed' && (!step.continueOnError || isBeyondTheStep(end))) stop ??= `"${step.name}" failed`;
  };

  for (const step of playbook.steps) await take(step, signal, signal.aborted ? 'interrupted' : stop);
  const last = interrupt.aborted ? AbortSignal.any([abandon, AbortSignal.timeout(LAST_STEPS_LIMIT)]) : signal;
  for (const step of playbook.finally) await take(step, last, last.aborted ? 'interrupted' : undefined);

  const expectations = registered.map(({ expectation, before }) => ({
    expectation,
    attack: attackOf(expectation, steps, before, preventedBy),
  }));
  return { steps, expectations };
}

/** The expectation of a step, also where the steps before it failed: what was not attacked must be told as well. */
function register(step: Step, definition: StepDefinition, scope: Scope): AlertExpectation | undefined {
  try {
    if (step.when !== undefined && evaluate(`\${{ ${step.when} }}`, scope) === false) return undefined;
  } catch (error) {
    // Its condition reads a step that did not run.
    if (!(error instanceof ExpressionError)) throw error;
  }
  return definition.expects?.(evaluate(step.body, scope));
}

/** The first step of `of` that was not skipped; without `of` the nearest attack step before. */
function attackOf({ of }: AlertExpectation, steps: readonly RanStep[], before: number, preventedBy: string | undefined): Attack {
  const candidates =
    of === undefined
      ? steps
          .slice(0, before)
          .filter(({ facts }) => facts.attack.length > 0)
          .reverse()
      : of.flatMap((id) => steps.filter(({ facts }) => facts.id === id));
  const attack = candidates.find(({ end }) => end.status !== 'skipped');
  if (attack !== undefined) return { attack };
  const skipped = candidates.find(({ end }) => end.reason !== undefined && !end.reason.startsWith('its condition')) ?? candidates[0];
  return {
    attack: undefined,
    absence: skipped === undefined ? 'no attack step ran' : `"${skipped.facts.name}" was skipped: ${skipped.end.reason}`,
    ...(preventedBy === undefined ? {} : { preventedBy }),
  };
}
