// Runs of small playbooks on the fake cluster, with step types that do what a test says.
import { judgeBy } from '../../src/alerts/judge.ts';
import type { RunEvent } from '../../src/engine/events.ts';
import { type RunRequest, type RunResult, type RunWorld, runPlaybook } from '../../src/engine/run.ts';
import { load } from '../../src/language/load.ts';
import type { References } from '../../src/language/references.ts';
import { Failure } from '../../src/ports/failure.ts';
import type { LogLine } from '../../src/ports/run-log.ts';
import type { StepContext, StepDefinition, StepResult } from '../../src/steps/step.ts';
import { entryOf } from '../fakes/alert-source.ts';
import { type FakeClock, fakeClock } from '../fakes/clock.ts';
import { type FakeCluster, fakeCluster } from '../fakes/cluster.ts';

const schema = { type: 'string' } as const;
const languages = {
  summary: 'x',
  outputs: { text: { type: 'string', description: 'x' } },
  example: '',
  defaultTimeout: 60_000,
  plan: () => 'x',
} as const;

export interface Stage {
  /** What the step `act` does, by its body. */
  actions: Record<string, (context: StepContext) => Promise<StepResult>>;
  cluster: FakeCluster;
  clock: FakeClock;
  events: RunEvent[];
  lines: { line: LogLine; durable: boolean }[];
  /** Files kept beside the log, by name. */
  kept: Map<string, string>;
  interrupt: AbortController;
  abandon: AbortController;
  steps: readonly StepDefinition[];
  /** Runs the text after `metadata` and an input `loud`. */
  start(text: string, change?: { request?: Partial<RunRequest>; world?: Partial<RunWorld>; references?: References }): Promise<RunResult>;
  /** "name: status" of each step that ended. */
  statuses(): string[];
  types(): string[];
}

export function newStage(): Stage {
  const cluster = fakeCluster();
  cluster.intercept = (call) => {
    if (call.verb === 'apply' && call.object.kind === 'Namespace')
      setImmediate(() =>
        cluster.put({
          apiVersion: 'v1',
          kind: 'ServiceAccount',
          metadata: { name: 'default', namespace: call.object.metadata.name ?? '' },
        }),
      );
  };
  const stage: Stage = {
    actions: {
      works: async () => ({ outputs: { text: 'done' } }),
      wrong: async () => ({ mismatches: ['stdout: expected to contain `x`, but got `y`'] }),
      denied: async () => {
        throw new Failure('admission-denied', 'pods "p" is forbidden', { policy: 'PodSecurity restricted' });
      },
      unreachable: async () => {
        throw new Failure('unreachable', 'no answer');
      },
      hangs: (context) => new Promise((_, reject) => context.signal.addEventListener('abort', () => reject(context.signal.reason))),
    },
    cluster,
    clock: fakeClock(),
    events: [],
    lines: [],
    kept: new Map(),
    interrupt: new AbortController(),
    abandon: new AbortController(),
    steps: [
      { ...languages, type: 'act', schema, run: (body, context) => (stage.actions[body as string] ?? (async () => ({})))(context) },
      {
        ...languages,
        type: 'make',
        schema,
        async run(body, context) {
          await context.create([{ apiVersion: 'v1', kind: 'Pod', metadata: { name: body as string, labels: { role: body as string } } }]);
          context.declareRoles({ [body as string]: { labels: { role: body as string } } });
          return {};
        },
      },
      { ...languages, type: 'hope', schema, expects: (body) => ({ alert: body as string }) },
      { ...languages, type: 'hope-of', schema: { type: 'object' }, expects: (body) => body as { alert: string; of: string[] } },
    ],
    start(text, change = {}) {
      const source = `apiVersion: kubesim/v1\nkind: Playbook\nmetadata: {name: sample, title: Sample}\ninputs: {loud: {type: boolean, default: false}}\n${text}`;
      const { playbook, diagnostics } = load({ name: 'sample.yaml', text: source }, stage.steps, change.references);
      if (playbook === undefined) throw new Error(JSON.stringify(diagnostics));
      const request: RunRequest = {
        playbook,
        folder: '/p',
        inputs: { loud: false },
        run: { id: 'k3x9', namespace: 'sim-k3x9', marker: 'sim-k3x9', token: 'f'.repeat(32), playbook: 'sample' },
        secrets: [],
        targets: [],
        overrides: [],
        allowUnverified: false,
        keep: false,
        keepUntilAlerts: false,
        detach: false,
        notice: { operator: 'tester@here', until: 0 },
        ...change.request,
      };
      return runPlaybook(request, {
        cluster: stage.cluster,
        clusterVersion: 'v1.34.4',
        clusterIdentity: 'uid',
        charts: { render: async () => [], version: async () => ({ path: '', version: '' }) },
        files: {} as RunWorld['files'],
        clock: stage.clock,
        log: {
          path: '/log',
          append: async (line, options) => void stage.lines.push({ line, durable: options?.durable === true }),
          attach: async (name, text) => {
            stage.kept.set(name, text);
            return `/evidence/${name}`;
          },
          close: async () => undefined,
        },
        steps: stage.steps,
        sources: [],
        judge: judgeBy(new Map(['scan', 'a', 'b'].map((id) => [id, entryOf(id)]))),
        observe: (event) => stage.events.push(event),
        interrupt: stage.interrupt.signal,
        abandon: stage.abandon.signal,
        ...change.world,
      });
    },
    statuses: () => stage.events.flatMap((event) => (event.type === 'step-finished' ? [`${event.step.name}: ${event.end.status}`] : [])),
    types: () => stage.events.map(({ type }) => type),
  };
  return stage;
}
