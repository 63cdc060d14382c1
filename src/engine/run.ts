// A run: sources open, the steps in order, the verdict, the cleanup. Everything it does is an event first.

import type { AlertJudge, OtherRun } from '../alerts/evidence.ts';
import type { Playbook } from '../language/playbook.ts';
import type { AlertSource } from '../ports/alerts.ts';
import type { Charts } from '../ports/charts.ts';
import type { Clock } from '../ports/clock.ts';
import type { Cluster, PodReference } from '../ports/cluster.ts';
import { Failure } from '../ports/failure.ts';
import type { Files } from '../ports/files.ts';
import type { SensorPods } from '../ports/miss-facts.ts';
import type { RunLog } from '../ports/run-log.ts';
import type { RunFacts, StepDefinition } from '../steps/step.ts';
import type { Notice } from './announcement.ts';
import type { Registered } from './attack-of.ts';
import { cleanUp, leftBehind, objectsOf } from './cleanup.ts';
import { objectCreator } from './create.ts';
import { ofEachSource, type Raises } from './each-source.ts';
import {
  EVENTS_VERSION,
  type ExpectedAlert,
  type KnownPod,
  type Observer,
  type Problem,
  type Removal,
  type RunEvent,
  type UnexpectedAlert,
  type Verdict,
} from './events.ts';
import { exitCodeOf } from './exit-code.ts';
import { watchAlerts } from './expectations.ts';
import { outerFrame } from './frame.ts';
import { evidenceKeeper } from './keep-evidence.ts';
import { type KnownRun, knownRun, type RunsOfCommand } from './known-run.ts';
import { lookIntoMisses } from './look-into.ts';
import { knownPod, podFinder } from './pods.ts';
import { recorder } from './record.ts';
import { redactor } from './redact.ts';
import { type ContextForRun, limited, problemOf } from './run-step.ts';
import { runSteps } from './run-steps.ts';
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
  /** Namespaces beside the run's own whose pods may be attacked. */
  targets: readonly string[];
  /** Guards that were switched off, for the log. */
  overrides: readonly string[];
  allowUnverified: boolean;
  /** Whether everything stays on the cluster afterwards. */
  keep: boolean;
  /** Whether cleanup waits until every expected alert is settled. */
  keepUntilAlerts: boolean;
  /** Whether expected alerts are left to a later look (settleLater). */
  detach: boolean;
  /** What the alerts that were expected are resolved with, in products that can; absent: they stay open. */
  closingComment?: string;
  /** Where alerts are expected of each source for itself: which product raises which. */
  ofEachSource?: Raises;
  /** For whoever finds the run's namespace. */
  notice: Notice;
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
  /** What products may call the cluster, beside its context and identity. */
  clusterNames?: readonly string[];
  /** All runs of this command on the cluster; the run adds itself. */
  runs?: RunsOfCommand;
  /** Where the sensors of alert sources are, by the sources' names. */
  sensors?: ReadonlyMap<string, SensorPods>;
  observe: Observer;
  /** Aborts when the operator wants to stop: the steps end, cleanup still runs. */
  interrupt: AbortSignal;
  /** Aborts when not even the cleanup is wanted. */
  abandon: AbortSignal;
}

export interface RunResult {
  exitCode: number;
  verdicts: Verdict[];
  /** Alerts of this run that nothing expects. */
  unexpected: UnexpectedAlert[];
  steps: RanStep[];
  left: Removal[];
  interrupted: boolean;
  problem?: Problem;
}

const CLEANUP_LIMIT = 90_000;
const REMOVAL_LIMIT = 10_000;
/** For `finally` after an interruption. */
const LAST_STEPS_LIMIT = 15_000;

/** Runs a playbook to its verdict and until nothing of it is left. Never throws: what went wrong is in the result, and in the log. */
export async function runPlaybook(request: RunRequest, world: RunWorld): Promise<RunResult> {
  const { playbook, run, inputs } = request;
  const { clock, interrupt, abandon } = world;
  const started = clock.monotonic();
  const broken = new AbortController();
  const events: RunEvent[] = [];
  const redact = redactor([run.token, ...request.secrets]);
  const observe: Observer = (event) => {
    events.push(event);
    world.observe(event);
  };
  const { record, recordDurably, flush } = recorder(world.log, redact, observe, (error) => broken.abort(error));
  const signal = AbortSignal.any([interrupt, abandon, broken.signal]);
  const told = () => record({ type: 'interrupted', at: clock.now(), reason: problemOf(interrupt.reason).message });
  interrupt.addEventListener('abort', told, { once: true });

  let problem: Problem | undefined;
  let steps: RanStep[] = [];
  let verdicts: Verdict[] = [];
  let unexpected: UnexpectedAlert[] = [];
  let left: Removal[] | undefined;
  const attempt = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      problem ??= problemOf(error);
    }
  };
  const removeAll = async () => {
    left = await removeWhatWasMade(request, world, events, record);
  };

  await attempt(async () => {
    await recordDurably([startedEvent(request, world)]);
    const known = knownRun(run, [...new Set([world.cluster.context, world.clusterIdentity, ...(world.clusterNames ?? [])])]);
    const learn: OnPod = (pod) => {
      if (known.learn(pod)) record({ type: 'pod-known', at: clock.now(), pod });
    };
    const place = takePlace(known, world);
    const around = { ...world, sensors: world.sensors ?? new Map(), record, redact, signal };
    const evidence = evidenceKeeper(around);
    const watch = {
      ...world,
      record,
      identity: known.identity,
      nodes: known.nodes,
      others: place.others,
      targets: request.targets,
      lookInto: lookIntoMisses(around),
      keepEvidence: evidence.keep,
    };
    const alerts = await watchAlerts(watch, signal);
    try {
      const context = contextForRun(request, world, learn, recordDurably);
      const lastChance = () => (interrupt.aborted ? AbortSignal.any([abandon, AbortSignal.timeout(LAST_STEPS_LIMIT)]) : signal);
      const running = { definitions: world.steps, folder: request.folder, lastChance, record, clock, redact };
      const frame = outerFrame(playbook, inputs, context);
      const done = await limited(playbook.timeout, clock, signal, (limit) => runSteps(frame, running, limit), 'the playbook');
      steps = done.steps;
      if (!interrupt.aborted) problem ??= done.problem;
      place.leave();
      const { expectations } =
        request.ofEachSource === undefined ? done : { expectations: ofEachSource(done.expectations, world.sources, request.ofEachSource) };
      const mayMiss = world.sources.length > 0 && expectations.length > 0;
      // The cleanup takes them.
      await Promise.all([learnPods(request, world, learn, signal), mayMiss ? evidence.lookAtPods(run.namespace, known.pods()) : undefined]);
      record({ type: 'alerts-expected', at: clock.now(), expected: expectations.map(expectedAlert) });
      const settle = async () => {
        const settled = await alerts.settle(expectations, done.steps);
        ({ verdicts, unexpected } = settled);
        record({ type: 'verdict-reached', at: clock.now(), ...settled });
        if (request.closingComment !== undefined) await alerts.resolve(verdicts, request.closingComment);
      };
      // What nobody watches is settled at once: the verdict first. Else both go on together.
      if (request.detach) await evidence.keepPods().then(removeAll);
      else if (request.keepUntilAlerts || world.sources.length === 0) await settle().then(removeAll);
      else await Promise.all([settle(), removeAll()]);
    } finally {
      await alerts.close();
    }
  });
  if (left === undefined) await attempt(removeAll);
  await attempt(flush);

  interrupt.removeEventListener('abort', told);
  const interrupted = interrupt.aborted || abandon.aborted;
  const exitCode = exitCodeOf({
    interrupted,
    leftBehind: left === undefined || left.length > 0,
    couldNotRun: problem !== undefined,
    verdicts,
    steps,
    allowUnverified: request.allowUnverified,
  });
  const milliseconds = Math.round(clock.monotonic() - started);
  record({ type: 'run-finished', at: clock.now(), milliseconds, exitCode, interrupted, ...(problem === undefined ? {} : { problem }) });
  await attempt(flush);
  return {
    exitCode,
    verdicts,
    unexpected,
    steps,
    left: left ?? [],
    interrupted,
    ...(problem === undefined ? {} : { problem: redact.value(problem) }),
  };
}

type OnPod = (pod: KnownPod) => void;

/** Adds the run to those of its command; `others` are those that it must tell its alerts from. */
function takePlace({ identity }: KnownRun, { runs = new Set(), clock }: RunWorld) {
  const from = clock.now();
  let end = {};
  const self = (): OtherRun => ({ identity: identity(), from, ...end });
  runs.add(self);
  return {
    others: () => [...runs].filter((each) => each !== self).map((each) => each()),
    leave() {
      end = { to: clock.now() };
    },
  };
}

/** Learns the pods that the run has in its namespace, before the cleanup takes them: nothing is lost where that fails. */
async function learnPods({ run }: RunRequest, { cluster, sources }: RunWorld, learn: OnPod, signal: AbortSignal): Promise<void> {
  if (sources.length === 0) return;
  const pods = await cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace: run.namespace }, signal).catch(() => []);
  for (const pod of pods) learn(knownPod(pod));
}

const expectedAlert = ({ expectation, attack: { attack, absence, preventedBy } }: Registered): ExpectedAlert => ({
  expectation,
  ...(attack === undefined ? {} : { step: attack.facts.key }),
  ...(absence === undefined ? {} : { absence }),
  ...(preventedBy === undefined ? {} : { preventedBy }),
});

/** Cleans up after the run, unless it is to be kept; returns what is left. */
async function removeWhatWasMade(
  { run, keep }: RunRequest,
  { cluster, clock, abandon }: RunWorld,
  events: readonly RunEvent[],
  record: Observer,
): Promise<Removal[]> {
  const started = clock.monotonic();
  record({ type: 'cleanup-started', at: clock.now() });
  const objects = keep ? [] : objectsOf(events);
  const limit = AbortSignal.any([abandon, AbortSignal.timeout(CLEANUP_LIMIT)]);
  const removals =
    objects.length === 0 ? [] : await cleanUp({ cluster, now: () => clock.now(), record }, { runId: run.id, objects }, limit);
  const left = leftBehind(removals);
  record({ type: 'cleanup-finished', at: clock.now(), milliseconds: Math.round(clock.monotonic() - started), left, kept: keep });
  return left;
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
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([name, value]) => [name, playbook.inputs[name]?.type === 'secret' ? '***' : value]),
    ),
    overrides: [...overrides],
    sources: sources.map(({ name }) => name),
  };
}

function contextForRun(
  { playbook, run, folder, targets, notice }: RunRequest,
  { cluster, charts, files, clock, clusterVersion, abandon }: RunWorld,
  onPod: OnPod,
  recordDurably: (events: readonly RunEvent[]) => Promise<void>,
): ContextForRun {
  const pods = podFinder(cluster, run, targets, onPod);
  const creator = objectCreator({ cluster, run, notice, risk: playbook.metadata.risk, now: () => clock.now(), recordDurably });
  return {
    run,
    folder,
    charts,
    files,
    clock,
    cluster,
    kubeVersion: clusterVersion.replace(/^v/, ''),
    pod: pods.find,
    ...creator,
    declareRoles: pods.declareRoles,
    async removePod({ namespace, name }: PodReference) {
      if (namespace !== run.namespace) throw new Failure('invalid', "it is not the run's own");
      const object = { apiVersion: 'v1', kind: 'Pod', namespace, name };
      // Not under the step's signal: this is done where the step's time is up already.
      const deleted = await cluster.delete(
        object,
        { gracePeriodSeconds: 0 },
        AbortSignal.any([abandon, AbortSignal.timeout(REMOVAL_LIMIT)]),
      );
      const removal: Removal = { object, result: deleted ? 'deleted' : 'absent', reason: 'a process in it could not be ended otherwise' };
      await recordDurably([{ type: 'object-removed', at: clock.now(), removal }]);
    },
  };
}
