// A cluster in memory, held to the same contract as the real one (test/contract/cluster.ts); pods become ready by themselves.
import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type {
  AccessQuestion,
  ApiCall,
  ApiResource,
  Cluster,
  ExecOptions,
  ExecResult,
  KubernetesObject,
  ObjectQuery,
  ObjectReference,
  PodAnswer,
  PodReference,
  PodRequest,
  WatchEvent,
} from '../../src/ports/cluster.ts';
import { Failure } from '../../src/ports/failure.ts';
import { answerAs } from './api-requests.ts';

/** A call that a test may look at, or refuse by throwing in `intercept`. */
export type FakeCall =
  | { verb: 'version' | 'resources' }
  | { verb: 'get' | 'delete'; reference: ObjectReference }
  | { verb: 'list' | 'watch'; query: ObjectQuery }
  | { verb: 'apply'; object: KubernetesObject; dryRun: boolean }
  | { verb: 'exec'; pod: PodReference; command: string[]; stdin: string | undefined }
  | { verb: 'logs'; pod: PodReference }
  | { verb: 'request'; pod: PodReference; port: number; request: PodRequest }
  | { verb: 'requestAs'; account: { namespace: string; name: string }; call: ApiCall }
  | { verb: 'resource'; kind: { apiVersion: string; kind: string } }
  | { verb: 'canI'; question: AccessQuestion };

/** What a program in a pod does. Exit code 0 and no output where it says nothing. */
export type FakeProgram = (call: {
  args: string[];
  stdin: string;
  pod: PodReference;
  signal: AbortSignal;
}) => Partial<ExecResult> | Promise<Partial<ExecResult>>;

export interface FakeCluster extends Cluster {
  /** Everything that was asked, in order. */
  readonly calls: FakeCall[];
  /** Programs by name, the same in all pods; others are missing. echo, cat, true, false, sleep and printf are there. */
  readonly programs: Map<string, FakeProgram>;
  /** Runs before every call; throw to refuse it. */
  intercept: ((call: FakeCall) => void | Promise<void>) | undefined;
  /** Status that a new pod gets one turn later; undefined leaves it pending. Default: running and ready. */
  podStatus: (pod: KubernetesObject) => Record<string, unknown> | undefined;
  /** What a pod's port answers: status 200 and an empty body where it says nothing. Nothing listens by default. */
  answer: ((call: { pod: PodReference; port: number; request: PodRequest }) => Partial<PodAnswer>) | undefined;
  /** Verbs and resources that canI denies, as "verb resource". */
  readonly denied: Set<string>;
  /** Every object there is. */
  objects(): KubernetesObject[];
  /** Stores an object as a controller would: no checks, told to those who watch. */
  put(object: KubernetesObject): KubernetesObject;
  /** Takes an object out as a controller would, finalizers or not. */
  drop(reference: ObjectReference): void;
  /** Adds a line to a container's log, as of now or of another time (milliseconds since the Unix epoch). */
  print(pod: PodReference, line: string, at?: number): void;
}

const ALL_VERBS = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];
const KINDS: [apiVersion: string, kind: string, resource: string, namespaced: boolean][] = [
  ['v1', 'Namespace', 'namespaces', false],
  ['v1', 'Node', 'nodes', false],
  ['v1', 'Pod', 'pods', true],
  ['v1', 'Service', 'services', true],
  ['v1', 'ConfigMap', 'configmaps', true],
  ['v1', 'Secret', 'secrets', true],
  ['v1', 'ServiceAccount', 'serviceaccounts', true],
  ['v1', 'Event', 'events', true],
  ['apps/v1', 'Deployment', 'deployments', true],
  ['apps/v1', 'DaemonSet', 'daemonsets', true],
  ['apps/v1', 'StatefulSet', 'statefulsets', true],
  ['batch/v1', 'Job', 'jobs', true],
  ['v1', 'Endpoints', 'endpoints', true],
  ['v1', 'PersistentVolumeClaim', 'persistentvolumeclaims', true],
  ['batch/v1', 'CronJob', 'cronjobs', true],
  ['networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies', true],
  ['networking.k8s.io/v1', 'Ingress', 'ingresses', true],
  ['discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices', true],
  ['admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', 'validatingwebhookconfigurations', false],
  ['admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', 'mutatingwebhookconfigurations', false],
  ['example.com/v1', 'Gadget', 'gadgets', true],
  ['rbac.authorization.k8s.io/v1', 'Role', 'roles', true],
  ['rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings', true],
  ['rbac.authorization.k8s.io/v1', 'ClusterRole', 'clusterroles', false],
  ['rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'clusterrolebindings', false],
];

const listed = KINDS.map(([apiVersion, kind, resource, namespaced]) => ({ apiVersion, kind, resource, namespaced, verbs: ALL_VERBS }));
/** What can only be asked: nothing of it is stored. */
const QUESTIONS: ApiResource[] = [
  {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'SelfSubjectReview',
    resource: 'selfsubjectreviews',
    namespaced: false,
    verbs: ['create'],
  },
];

const READY = {
  phase: 'Running',
  conditions: ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) => ({ type, status: 'True' })),
};

/** An empty cluster with the namespaces default and kube-system. */
export function fakeCluster(): FakeCluster {
  const objects = new Map<string, KubernetesObject>();
  const listeners = new Set<
    (event: { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: KubernetesObject; before?: KubernetesObject }) => void
  >();
  const logs = new Map<string, { text: string; at: number }[]>();
  const logListeners = new Set<() => void>();
  let version = 1;

  const store = (object: KubernetesObject): KubernetesObject => {
    const key = keyOf(referenceTo(object));
    const before = objects.get(key);
    const stored = structuredClone(object);
    stored.metadata.uid ??= before?.metadata.uid ?? randomUUID();
    stored.metadata.creationTimestamp ??= before?.metadata.creationTimestamp ?? new Date().toISOString();
    if (before && sameContent(before, stored)) return before;
    stored.metadata.resourceVersion = String(++version);
    objects.set(key, stored);
    for (const listener of listeners) listener({ type: before ? 'MODIFIED' : 'ADDED', object: stored, ...(before ? { before } : {}) });
    return stored;
  };

  const remove = (reference: ObjectReference) => {
    const key = keyOf(reference);
    const object = objects.get(key);
    if (!object) return;
    objects.delete(key);
    const gone = { ...object, metadata: { ...object.metadata, resourceVersion: String(++version) } };
    for (const listener of listeners) listener({ type: 'DELETED', object: gone, before: object });
    const home = objects.get(keyOf({ apiVersion: 'v1', kind: 'Namespace', name: object.metadata.namespace ?? '' }));
    if (home?.metadata.deletionTimestamp) terminate(home);
    const owned = [...objects.values()].filter((it) => owners(it).includes(object.metadata.uid ?? ''));
    for (const it of owned) terminate(it);
  };

  /** Marks as deleted; it goes one turn later, once nothing holds it. */
  const terminate = (object: KubernetesObject) => {
    const reference = referenceTo(object);
    if (!object.metadata.deletionTimestamp) {
      object = store({ ...object, metadata: { ...object.metadata, deletionTimestamp: new Date().toISOString() } });
    }
    setImmediate(() => {
      if (object.kind === 'Namespace') {
        const inside = [...objects.values()].filter((it) => it.metadata.namespace === object.metadata.name);
        for (const it of inside) if (!it.metadata.deletionTimestamp) terminate(it);
        // Tried again with each object that goes.
        if (inside.length > 0) return;
      }
      if ((object.metadata.finalizers ?? []).length === 0) remove(reference);
    });
  };

  const start = (object: KubernetesObject) => {
    if (object.kind === 'Deployment') startDeployment(object);
    if (object.kind !== 'Pod') return;
    setImmediate(() => {
      const current = objects.get(keyOf(referenceTo(object)));
      const status = current && !current.metadata.deletionTimestamp && fake.podStatus(current);
      if (status) store({ ...current, status });
    });
  };

  const startDeployment = (deployment: KubernetesObject) => {
    const { replicas = 1, template } = deployment.spec as { replicas?: number; template: { metadata?: object; spec: object } };
    const { name, namespace, uid = '' } = deployment.metadata;
    for (let index = 0; index < replicas; index++) {
      const metadata = { ...template.metadata, name: `${name}-${index}`, namespace, ownerReferences: [{ kind: 'Deployment', name, uid }] };
      const reference = { apiVersion: 'v1', kind: 'Pod', name: metadata.name, namespace: namespace ?? 'default' };
      if (!objects.has(keyOf(reference)))
        start(store({ apiVersion: 'v1', kind: 'Pod', metadata, spec: template.spec, status: { phase: 'Pending' } } as KubernetesObject));
    }
    store({ ...deployment, status: { replicas, readyReplicas: replicas, conditions: [{ type: 'Available', status: 'True' }] } });
  };

  const called = async (call: FakeCall, signal: AbortSignal) => {
    await turn();
    signal.throwIfAborted();
    fake.calls.push(call);
    await fake.intercept?.(call);
  };

  const runningPod = (pod: PodReference) => {
    const object = objects.get(keyOf({ apiVersion: 'v1', kind: 'Pod', ...pod }));
    if (!object) throw new Failure('not-found', `pods "${pod.name}" not found`, { status: 404 });
    const phase = (object.status as { phase?: string } | undefined)?.phase;
    if (phase !== 'Running') throw new Failure('pod-failed', `the container of ${pod.namespace}/${pod.name} is not running: ${phase}`);
    return object;
  };

  for (const name of ['default', 'kube-system']) store({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

  const fake: FakeCluster = {
    context: 'fake',
    server: 'https://127.0.0.1:6443',
    calls: [],
    programs: new Map(standardPrograms),
    intercept: undefined,
    podStatus: () => READY,
    answer: undefined,
    denied: new Set(),
    objects: () => [...objects.values()],
    put: store,
    drop: remove,
    print(pod, text, at = Date.now()) {
      const key = `${pod.namespace}/${pod.name}`;
      logs.set(key, [...(logs.get(key) ?? []), { text, at }]);
      for (const listener of logListeners) listener();
    },
    async version(signal) {
      await called({ verb: 'version' }, signal);
      return { gitVersion: 'v1.34.4', platform: 'linux/amd64' };
    },
    async get(reference, signal) {
      await called({ verb: 'get', reference }, signal);
      return structuredClone(objects.get(keyOf(reference)));
    },
    async list(query, signal) {
      await called({ verb: 'list', query }, signal);
      knownKind(query);
      return [...objects.values()].filter((object) => matches(query, object)).map((object) => structuredClone(object));
    },
    async apply(object, { dryRun = false }, signal) {
      await called({ verb: 'apply', object, dryRun }, signal);
      const { namespaced } = knownKind(object);
      const { name, namespace } = object.metadata;
      if (!name) throw new Failure('invalid', `apply ${object.kind}: the object has no metadata.name`);
      if (namespaced && namespace === undefined) throw new Failure('invalid', `${object.kind} ${name} needs a namespace`);
      const home = objects.get(keyOf({ apiVersion: 'v1', kind: 'Namespace', name: namespace ?? 'default' }));
      if (namespaced && !home) throw new Failure('not-found', `namespaces "${namespace}" not found`, { status: 404 });
      const before = objects.get(keyOf(referenceTo(object)));
      if (namespaced && !before && home?.metadata.deletionTimestamp) {
        throw new Failure('conflict', `unable to create new content in namespace ${namespace} because it is being terminated`, {
          status: 403,
        });
      }
      const applied = mergeServerFields(object, before);
      if (dryRun) return structuredClone(applied);
      const stored = store(applied);
      if (!before) start(stored);
      else if (stored.metadata.deletionTimestamp) terminate(stored);
      return structuredClone(objects.get(keyOf(referenceTo(stored))) ?? stored);
    },
    async delete(reference, _options, signal) {
      await called({ verb: 'delete', reference }, signal);
      const object = objects.get(keyOf(reference));
      if (!object || (reference.uid !== undefined && object.metadata.uid !== reference.uid)) return false;
      terminate(object);
      return true;
    },
    async *watch(query, signal) {
      await called({ verb: 'watch', query }, signal).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
      if (signal.aborted) return;
      knownKind(query);
      const waiting: WatchEvent[] = [...objects.values()]
        .filter((object) => matches(query, object))
        .map((object) => ({ type: 'ADDED', object: structuredClone(object) }));
      waiting.push({ type: 'SYNCED' });
      let wake = () => {};
      const hear: Parameters<typeof listeners.add>[0] = ({ type, object, before }) => {
        const was = before !== undefined && matches(query, before);
        const is = type !== 'DELETED' && matches(query, object);
        if (was || is) waiting.push({ type: was ? (is ? 'MODIFIED' : 'DELETED') : 'ADDED', object: structuredClone(object) });
        wake();
      };
      const stop = () => wake();
      listeners.add(hear);
      signal.addEventListener('abort', stop);
      try {
        while (!signal.aborted) {
          const event = waiting.shift();
          if (event) yield event;
          else await new Promise<void>((resolve) => (wake = resolve));
        }
      } finally {
        listeners.delete(hear);
        signal.removeEventListener('abort', stop);
      }
    },
    async exec(pod, command, options) {
      await called({ verb: 'exec', pod, command, stdin: options.stdin }, options.signal);
      runningPod(pod);
      const [name = '', ...args] = command;
      const program = fake.programs.get(name);
      if (!program) throw new Failure('command-not-found', `"${name}" does not exist in ${pod.namespace}/${pod.name}`);
      const running = program({ args, stdin: options.stdin ?? '', pod, signal: options.signal });
      return cut(await untilAborted(Promise.resolve(running), options.signal), options);
    },
    async *logs(pod, { follow = false, sinceSeconds = Infinity, sinceTime, tailLines = Infinity, previous = false, signal }) {
      await called({ verb: 'logs', pod }, signal);
      runningPod(pod);
      const lines = () => logs.get(`${pod.namespace}/${pod.name}`) ?? [];
      if (previous) throw new Failure('not-found', `previous terminated container "${pod.container}" in pod "${pod.name}" not found`);
      const since = sinceTime === undefined ? Date.now() - sinceSeconds * 1000 : Date.parse(sinceTime);
      const recent = lines().filter(({ at }) => at >= since).length;
      let told = Math.max(0, lines().length - Math.min(recent, tailLines));
      while (!signal.aborted) {
        const line = lines()[told]?.text;
        if (line !== undefined) {
          told++;
          yield line;
        } else if (!follow) return;
        else await nextLine(logListeners, signal);
      }
    },
    async request(pod, port, request) {
      await called({ verb: 'request', pod, port, request }, request.signal);
      runningPod(pod);
      const nothing = { headers: {}, body: '', truncated: false };
      if (!fake.answer) return { ...nothing, status: 0, problem: `connection refused on port ${port}` };
      const answer = { ...nothing, status: 200, ...fake.answer({ pod, port, request }) };
      const body = keepBytes(answer.body, request.limit);
      return { ...answer, body, truncated: body !== answer.body };
    },
    async requestAs(account, call) {
      await called({ verb: 'requestAs', account, call }, call.signal);
      if (!objects.has(keyOf({ apiVersion: 'v1', kind: 'ServiceAccount', ...account })))
        throw new Failure('not-found', `serviceaccounts "${account.name}" not found`, { status: 404 });
      const put = (object: KubernetesObject) => {
        const stored = store(mergeServerFields(object, objects.get(keyOf(referenceTo(object)))));
        start(stored);
        return stored;
      };
      return answerAs(account, call, { kinds: [...listed, ...QUESTIONS], objects: () => [...objects.values()], put, remove: terminate });
    },
    async canI(question, signal) {
      await called({ verb: 'canI', question }, signal);
      const allowed = !fake.denied.has(`${question.verb} ${question.resource}`);
      return { allowed, reason: allowed ? '' : 'denied by the test' };
    },
    async resources(signal): Promise<ApiResource[]> {
      await called({ verb: 'resources' }, signal);
      return listed;
    },
    async resource(kind, signal) {
      await called({ verb: 'resource', kind }, signal);
      return [...listed, ...QUESTIONS].find((it) => it.apiVersion === kind.apiVersion && it.kind === kind.kind);
    },
  };
  return fake;
}

const standardPrograms: [string, FakeProgram][] = [
  ['true', () => ({})],
  ['false', () => ({ exitCode: 1 })],
  ['echo', ({ args }) => ({ stdout: `${args.join(' ')}\n` })],
  ['printf', ({ args }) => ({ stdout: args.join('') })],
  ['cat', ({ stdin }) => ({ stdout: stdin })],
  ['sleep', ({ signal }) => untilAborted(new Promise<never>(() => {}), signal)],
];

function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });
}

function nextLine(listeners: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      listeners.delete(done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    listeners.add(done);
    signal.addEventListener('abort', done);
  });
}

function keepBytes(text: string, limit = 1024 * 1024): string {
  return new TextDecoder().decode(Buffer.from(text).subarray(0, limit), { stream: true });
}

function cut(result: Partial<ExecResult>, { limit, onOutput }: ExecOptions): ExecResult {
  const [stdout, stderr] = [keepBytes(result.stdout ?? '', limit), keepBytes(result.stderr ?? '', limit)];
  if (stdout !== '') onOutput?.('stdout', stdout);
  if (stderr !== '') onOutput?.('stderr', stderr);
  const truncated = stdout !== (result.stdout ?? '') || stderr !== (result.stderr ?? '');
  return { stdout, stderr, exitCode: result.exitCode ?? 0, truncated };
}

/** What the server keeps when an object is applied again. */
function mergeServerFields(object: KubernetesObject, before: KubernetesObject | undefined): KubernetesObject {
  const { uid, creationTimestamp, deletionTimestamp, resourceVersion } = before?.metadata ?? {};
  const server = Object.fromEntries(
    Object.entries({ uid, creationTimestamp, deletionTimestamp, resourceVersion }).filter(([, value]) => value !== undefined),
  );
  const status = before?.status ?? (object.kind === 'Pod' ? { phase: 'Pending' } : undefined);
  return { ...object, metadata: { ...object.metadata, ...server }, ...(status === undefined ? {} : { status }) };
}

function sameContent(a: KubernetesObject, b: KubernetesObject): boolean {
  const content = ({ metadata: { resourceVersion: _, ...metadata }, ...rest }: KubernetesObject) => sorted({ ...rest, metadata });
  return content(a) === content(b);
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, inner) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([x], [y]) => (x < y ? -1 : 1)))
      : inner,
  );
}

function knownKind({ apiVersion, kind }: { apiVersion: string; kind: string }): { namespaced: boolean } {
  const found = KINDS.find((it) => it[0] === apiVersion && it[1] === kind);
  if (!found) throw new Failure('not-found', `the cluster serves no kind "${kind}" in ${apiVersion}`);
  return { namespaced: found[3] };
}

function owners({ metadata }: KubernetesObject): string[] {
  return ((metadata.ownerReferences as { uid: string }[] | undefined) ?? []).map(({ uid }) => uid);
}

function referenceTo({ apiVersion, kind, metadata }: KubernetesObject): ObjectReference {
  return { apiVersion, kind, name: metadata.name ?? '', ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }) };
}

function keyOf({ apiVersion, kind, namespace = '', name }: ObjectReference): string {
  return [apiVersion, kind, namespace, name].join(' ');
}

function matches(query: ObjectQuery, object: KubernetesObject): boolean {
  const { apiVersion, kind, namespace, labelSelector = '', fieldSelector = '' } = query;
  if (object.apiVersion !== apiVersion || object.kind !== kind) return false;
  if (namespace !== undefined && object.metadata.namespace !== namespace) return false;
  return matchesLabels(labelSelector, object.metadata.labels ?? {}) && fieldSelector.split(',').every((term) => matchesField(term, object));
}

/** Equality, sets and existence, as kubectl writes them. */
function matchesLabels(selector: string, labels: Record<string, string>): boolean {
  const terms = selector.match(/[^,(]+(?:\([^)]*\))?/g) ?? [];
  return terms.every((term) => {
    const set = /^\s*(\S+)\s+(in|notin)\s*\(([^)]*)\)\s*$/.exec(term);
    if (set)
      return (
        (set[3] ?? '')
          .split(',')
          .map((it) => it.trim())
          .includes(labels[set[1] ?? ''] ?? '') ===
        (set[2] === 'in')
      );
    const [, name = '', operator, value] = /^\s*!?([^=!\s]+)\s*(==|=|!=)?\s*(\S*)\s*$/.exec(term) ?? [];
    if (operator === undefined) return name in labels === !term.trim().startsWith('!');
    return (labels[name] === value) === (operator !== '!=');
  });
}

function matchesField(term: string, object: KubernetesObject): boolean {
  const [, path, operator, value] = /^([\w.]+)(==|=|!=)(.*)$/.exec(term.trim()) ?? [];
  if (path === undefined) return true;
  const found = path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], object);
  return (String(found ?? '') === value) === (operator !== '!=');
}
