// A StepContext over the fake cluster: what a step did can be read off it, and time passes only where a test lets it.
import { fileURLToPath } from 'node:url';
import type { Change } from '../../src/language/definition.ts';
import type { Charts } from '../../src/ports/charts.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { KubernetesObject, PodReference } from '../../src/ports/cluster.ts';
import { Failure } from '../../src/ports/failure.ts';
import type { Files } from '../../src/ports/files.ts';
import type { PodRole, StepContext, StepDefinition, StepResult } from '../../src/steps/step.ts';
import { type FakeCluster, fakeCluster } from '../fakes/cluster.ts';

export const namespace = 'sim-k3x9';

export interface StepBench {
  cluster: FakeCluster;
  context: StepContext;
  said: string[];
  notes: string[];
  roles: Record<string, PodRole>;
  removed: PodReference[];
  /** What `adopt` was given, and what `created` was told. */
  adopted: KubernetesObject[];
  created: KubernetesObject[];
  /** What `checkChange` was asked. */
  changes: { change: Change; content?: unknown }[];
  /** Sleeps that no abort has ended; `end` ends the one of this length as the clock would. */
  sleeps: { milliseconds: number; end(): void }[];
  /** Ends the step as the engine does: its time is up, or the user stopped the run. */
  abort(code?: 'timeout' | 'interrupted'): void;
}

type BenchOptions = Partial<Omit<StepContext, 'files' | 'charts'>> & {
  pods?: string[];
  /** Texts of files by path. */
  files?: Record<string, string>;
  /** What charts render to, by path. */
  charts?: Record<string, KubernetesObject[]>;
};

/** A run's namespace with a ready pod of each name, which is also its role. */
export async function stepBench({ pods = [], files = {}, charts = {}, ...more }: BenchOptions = {}): Promise<StepBench> {
  const cluster = fakeCluster();
  const stop = new AbortController();
  const { signal } = stop;
  const bench: Omit<StepBench, 'context'> = {
    cluster,
    said: [],
    notes: [],
    roles: {},
    removed: [],
    adopted: [],
    created: [],
    changes: [],
    sleeps: [],
    abort: (code = 'timeout') => stop.abort(new Failure(code, 'the step was stopped')),
  };
  cluster.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  for (const name of pods) cluster.put(readyPod(name));
  const context: StepContext = {
    run: { id: 'k3x9', namespace, marker: namespace, token: '0123456789abcdef0123456789abcdef', playbook: 'sample' },
    folder: '/playbooks',
    charts: fakeCharts(charts),
    files: fakeFiles(files),
    step: { name: 'a step' },
    timeout: 60_000,
    signal,
    cluster,
    clock: fakeClock(bench.sleeps),
    async pod(selector) {
      const name = typeof selector === 'string' ? selector : selector.selector;
      if (!pods.includes(name)) throw new Failure('not-found', `no pod has the role \`${name}\``);
      return { namespace, name };
    },
    create: (objects) =>
      Promise.all(objects.map((object) => cluster.apply({ ...object, metadata: { ...object.metadata, namespace } }, {}, signal))),
    async adopt(object) {
      bench.adopted.push(object);
      return { ...object, metadata: { ...object.metadata, namespace, labels: { ...object.metadata.labels, adopted: 'yes' } } };
    },
    created: async (object) => void bench.created.push(object),
    checkChange: async (change, content) => void bench.changes.push({ change, ...(content === undefined ? {} : { content }) }),
    declareRoles: (declared) => void Object.assign(bench.roles, declared),
    removePod: async (pod) => void bench.removed.push(pod),
    say: (text) => void bench.said.push(text),
    note: (text) => void bench.notes.push(text),
    ...more,
  };
  return { ...bench, context };
}

/** Runs a step of the definition; the body is given as after evaluation. */
export async function runStep(definition: StepDefinition, body: unknown, { context }: StepBench): Promise<StepResult> {
  if (definition.run === undefined) throw new Error(`${definition.type} does not run`);
  return await definition.run(body, context);
}

export function readyPod(
  name: string,
  status: object = {},
  more: { labels?: Record<string, string>; spec?: object } = {},
): KubernetesObject {
  const { labels = { role: name }, spec = {} } = more;
  const ready = { phase: 'Running', podIP: '10.1.2.3', conditions: [{ type: 'Ready', status: 'True' }] };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels },
    spec: { containers: [{ name }], ...spec },
    status: { ...ready, ...status },
  };
}

/** Resolves once `holds`; each look is one turn of the event loop later. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

export const repository = fileURLToPath(new URL('../../', import.meta.url));

function fakeClock(sleeps: StepBench['sleeps']): Clock {
  let time = 0;
  return {
    now: () => 1_800_000_000_000 + time,
    monotonic: () => time,
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        const sleep = { milliseconds, end: () => settle(resolve) };
        const settle = (then: () => void) => {
          sleeps.splice(sleeps.indexOf(sleep), 1);
          then();
        };
        signal?.addEventListener('abort', () => settle(() => reject(signal.reason)), { once: true });
        sleeps.push(sleep);
        sleep.end = () => {
          time += milliseconds;
          settle(resolve);
        };
      }),
  };
}

function fakeFiles(texts: Record<string, string>): Files {
  const read = async (path: string) => texts[path] ?? Promise.reject(new Failure('not-found', `${path} does not exist`));
  return { read } as Files;
}

function fakeCharts(charts: Record<string, KubernetesObject[]>): Charts & { asked?: unknown } {
  const fake: Charts & { asked?: unknown } = {
    async render(request) {
      fake.asked = request;
      return charts[request.chart] ?? Promise.reject(new Failure('invalid', `chart "${request.chart}" does not exist`));
    },
    version: async () => ({ path: 'helm', version: '4.0.5' }),
  };
  return fake;
}
