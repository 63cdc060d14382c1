// One playbook of `sim run`: its log, its reporter, its run, and what to tell afterwards.
import { systemClock } from '../adapters/clock.ts';
import type { Catalogue } from '../alerts/catalogue.ts';
import type { Notice } from '../engine/announcement.ts';
import type { Raises } from '../engine/each-source.ts';
import type { Observer } from '../engine/events.ts';
import type { Plan } from '../engine/plan.ts';
import { type RunResult, type RunWorld, runPlaybook } from '../engine/run.ts';
import type { Step } from '../language/playbook.ts';
import { allSteps } from '../language/step-tree.ts';
import type { Clock } from '../ports/clock.ts';
import type { RunLogs } from '../ports/run-log.ts';
import { eventsJson } from '../reporters/events-json.ts';
import { type Colours, safe } from '../reporters/format.ts';
import { linesReporter } from '../reporters/lines.ts';
import type { RunSummary } from '../reporters/summary.ts';
import { lookFor } from '../reporters/verdict-text.ts';
import { stepTypes } from '../steps/index.ts';
import type { RunFacts } from '../steps/step.ts';
import { announcedOf, announceRun, expectedUntil, operatorName } from './announce.ts';
import type { MadeSources, SourceOptions } from './chosen-sources.ts';
import type { ClusterOptions } from './cluster-options.ts';
import type { ReadyPlaybook } from './playbook-source.ts';
import type { Session } from './session.ts';

/** A playbook with its run's facts and its plan. */
export interface Prepared extends ReadyPlaybook {
  run: RunFacts;
  plan: Plan;
  /** Guards that the operator switched off for this playbook, beside those of the whole command. */
  allowed: string[];
}

export interface RunOneOptions extends ClusterOptions, SourceOptions {
  output: 'text' | 'json';
  keep?: true;
  keepUntilAlerts?: true;
  allowUnverified?: true;
  detach?: true;
  announce?: string;
  closeAlerts?: true;
  verbose?: true;
  /** Whether alerts are expected of each source for itself. */
  eachSource?: true;
}

/** What all runs of one command have in common. */
export interface RunSurroundings {
  session: Session;
  options: RunOneOptions;
  catalogue: Catalogue;
  paint: Colours;
  logs: RunLogs;
  overrides: readonly string[];
  /** Whether other playbooks run at the same time. */
  several: boolean;
  /** The alert sources, made anew for each run: rules of detectors remember what they saw. */
  sources(): MadeSources;
  world: Omit<RunWorld, 'sources' | 'sensors' | 'log' | 'clock' | 'observe' | 'interrupt' | 'abandon'>;
}

/** Runs it; `advice` is what the operator should know at the very end. Throws Failure where it was to be announced and nobody was told. */
export async function runOne(prepared: Prepared, around: RunSurroundings): Promise<{ summary: RunSummary; advice: string[] }> {
  const { session, options, world } = around;
  const clock = systemClock();
  const made = around.sources();
  const operator = operatorName(session.env);
  const notice = { operator, until: expectedUntil(prepared.playbook, prepared.plan, made.sources, clock.now()) };
  const announced = announcedOf(prepared.playbook, prepared.run, world.cluster, { operator, from: clock.now(), to: notice.until });
  const announceEnd = options.announce === undefined ? undefined : await announceRun(options.announce, announced, session.interrupt);
  let outcomes: string[] = [];
  try {
    const started = clock.monotonic();
    const result = await runLogged(prepared, around, { made, notice, clock });
    outcomes = options.detach ? prepared.plan.expectations.map(() => 'not looked for yet') : result.verdicts.map(({ outcome }) => outcome);
    if (result.problem !== undefined && session.interactive) session.stderr(`sim: ${safe(result.problem.message)}\n`);
    const summary = {
      title: prepared.playbook.metadata.title,
      runId: prepared.run.id,
      milliseconds: clock.monotonic() - started,
      exitCode: result.exitCode,
      verdicts: result.verdicts,
      unexpected: result.unexpected.length,
      ...(options.detach ? { later: prepared.plan.expectations.length } : {}),
    };
    return { summary, advice: adviceOn(result, prepared, around, clock.now()) };
  } finally {
    // That the run is over is news for the security team, and no reason to fail.
    await announceEnd?.(outcomes, options.detach ? notice.until : clock.now()).catch((error: unknown) =>
      session.stderr(`sim: ${safe(error instanceof Error ? error.message : String(error))}\n`),
    );
  }
}

async function runLogged(
  prepared: Prepared,
  around: RunSurroundings,
  { made, notice, clock }: { made: MadeSources; notice: Notice; clock: Clock },
): Promise<RunResult> {
  const { session, options, catalogue, logs, overrides, world } = around;
  const { run, plan } = prepared;
  const log = await logs.create(run.id);
  const reporter = await reporterFor(prepared, around);
  const stopListening = tellHowToCleanUp(session, run.id, options);
  try {
    return await runPlaybook(
      {
        ...prepared,
        overrides: [...overrides, ...prepared.allowed],
        targets: plan.targets,
        allowUnverified: options.allowUnverified === true,
        keep: options.keep === true,
        keepUntilAlerts: options.keepUntilAlerts === true,
        detach: options.detach === true,
        ...(options.closeAlerts ? { closingComment: `expected: attack simulation by kubesim, run ${run.id}, ${notice.operator}` } : {}),
        ...(options.eachSource ? { ofEachSource: raisedIn(catalogue) } : {}),
        notice,
      },
      { ...world, ...made, clock, log, observe: reporter.observe, interrupt: session.interrupt, abandon: session.abandon },
    );
  } finally {
    stopListening();
    await log.close();
    await reporter.finished;
  }
}

function adviceOn({ verdicts, steps }: RunResult, { playbook, plan, run }: Prepared, around: RunSurroundings, now: number): string[] {
  const { options, catalogue } = around;
  const look = lookFor(verdicts, catalogue, { title: playbook.metadata.title, ...run, ...attackTimes(steps, now) });
  const beyond = plan.outside.length === 0 ? '' : ' and outside of it';
  const isLater = options.detach && plan.expectations.length > 0;
  return [
    ...(look === '' ? [] : [look]),
    ...(options.keep ? [`Everything stays in ${run.namespace}${beyond}; remove it with: ${cleanupLine(run.id, options)}\n`] : []),
    ...(isLater ? [`Alerts of ${run.id} are not looked for yet; wait for them with: ${verifyLine(run.id, options)}\n`] : []),
  ];
}

const raisedIn =
  (catalogue: Catalogue): Raises =>
  (alert, product) =>
    Object.hasOwn(catalogue.get(alert)?.products ?? {}, product);

/** From the first attack's start to the last one's end. */
function attackTimes(steps: RunResult['steps'], now: number): { from: number; to: number } {
  const ends = steps.flatMap(({ facts, end }) => (facts.attack.length > 0 ? [end] : []));
  const from = Math.min(...ends.map(({ startedAt }) => startedAt), now);
  return { from, to: Math.max(...ends.map(({ startedAt, milliseconds }) => startedAt + milliseconds), from) };
}

async function reporterFor(
  { playbook, run }: Prepared,
  { options, session, catalogue, paint, several }: RunSurroundings,
): Promise<{ observe: Observer; finished: Promise<void> }> {
  const verbose = options.verbose === true;
  const finished = Promise.resolve();
  if (options.output === 'json') return { observe: eventsJson(run.id, session.stdout), finished };
  if (session.interactive && !several) {
    const { terminalReporter } = await import('../reporters/terminal.ts');
    session.stdout(`${paint.bold(safe(playbook.metadata.title))} ${paint.dim(`run ${run.id}, namespace ${run.namespace}`)}\n`);
    const acts = ({ type, uses }: Step) => uses !== undefined || stepTypes.find((each) => each.type === type)?.run !== undefined;
    return terminalReporter(allSteps(playbook).filter(acts), { catalogue, paint, verbose });
  }
  const prefix = several ? `${playbook.metadata.name}: ` : '';
  return { observe: linesReporter({ write: session.stdout, catalogue, paint, verbose, prefix }), finished };
}

const quoted = (text: string): string => (/^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

const clusterWords = ({ kubeconfig, context, lab }: ClusterOptions): string[] => [
  ...(lab ? ['--lab'] : []),
  ...(kubeconfig ? [`--kubeconfig ${quoted(kubeconfig)}`] : []),
  ...(context ? [`--context ${quoted(context)}`] : []),
];

/** The command that removes what a run left, on the same cluster. */
const cleanupLine = (runId: string, options: ClusterOptions): string => [`sim cleanup --run ${runId}`, ...clusterWords(options)].join(' ');

/** The command that waits for its alerts. */
const verifyLine = (runId: string, options: RunOneOptions): string =>
  [
    `sim verify ${runId}`,
    ...clusterWords(options),
    ...(options.config === undefined ? [] : [`--config ${quoted(options.config)}`]),
    ...(options.alerts ?? []).map((name) => `--alerts ${quoted(name)}`),
  ].join(' ');

/** With the second signal the command is told that cleans up later. Returns how to stop listening. */
function tellHowToCleanUp(session: Session, runId: string, options: ClusterOptions): () => void {
  const tell = () => session.stderr(`left without cleaning up; do it later with: ${cleanupLine(runId, options)}\n`);
  session.abandon.addEventListener('abort', tell, { once: true });
  return () => session.abandon.removeEventListener('abort', tell);
}
