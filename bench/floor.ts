// The floor: a scenario by raw API calls alone, in one process that is loaded already, with nothing decided, logged or rendered on the way.
import type { Cluster, KubernetesObject } from '../src/ports/cluster.ts';
import type { Request } from '../test/playbooks/requests.ts';

export interface Times {
  /** Milliseconds until the last command has answered: what a verdict needs at least. */
  verdict: number;
  /** Milliseconds until the namespace is gone. */
  cleaned: number;
}

/** Creates the objects in a namespace of their own, sends the requests one after the other, removes pods, then the namespace. */
export async function floorOf(
  cluster: Cluster,
  namespace: string,
  objects: readonly KubernetesObject[],
  requests: readonly Request[],
): Promise<Times> {
  const signal = AbortSignal.timeout(120_000);
  const started = performance.now();
  const apply = ({ metadata, ...object }: KubernetesObject) =>
    cluster.apply({ ...object, metadata: { ...metadata, namespace } }, {}, signal);
  const [pods, others] = [true, false].map((wanted) => objects.filter(({ kind }) => (kind === 'Pod') === wanted)) as [
    KubernetesObject[],
    KubernetesObject[],
  ];

  await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, {}, signal);
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', namespace, fieldSelector: 'metadata.name=default' };
  await Promise.all([...others.map(apply), until(cluster, account, signal, (present) => present.length > 0)]);
  await Promise.all(pods.map(apply));
  await until(
    cluster,
    { apiVersion: 'v1', kind: 'Pod', namespace },
    signal,
    (present) => present.length === pods.length && present.every(isReady),
  );
  for (const { pod, url, command, headers } of requests) {
    const config = [
      `url = ${quoted(`${url}?cmd=${encodeURIComponent(command)}`)}`,
      ...Object.entries(headers).map(([name, value]) => `header = ${quoted(`${name}: ${value}`)}`),
      'silent',
    ];
    const { exitCode, stderr } = await cluster.exec({ namespace, name: pod }, ['curl', '--config', '-'], {
      stdin: `${config.join('\n')}\n`,
      signal,
    });
    if (exitCode !== 0) throw new Error(`curl: ${exitCode} ${stderr}`);
  }
  const verdict = performance.now() - started;

  await Promise.all(
    pods.map(({ metadata }) => cluster.delete({ apiVersion: 'v1', kind: 'Pod', namespace, name: metadata.name ?? '' }, {}, signal)),
  );
  await until(cluster, { apiVersion: 'v1', kind: 'Pod', namespace }, signal, (present) => present.length === 0);
  await cluster.delete({ apiVersion: 'v1', kind: 'Namespace', name: namespace }, {}, signal);
  await until(
    cluster,
    { apiVersion: 'v1', kind: 'Namespace', fieldSelector: `metadata.name=${namespace}` },
    signal,
    (present) => present.length === 0,
  );
  return { verdict, cleaned: performance.now() - started };
}

const quoted = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&')}"`;

async function until(
  cluster: Cluster,
  query: Parameters<Cluster['watch']>[0],
  signal: AbortSignal,
  holds: (present: KubernetesObject[]) => boolean,
): Promise<void> {
  const present = new Map<string, KubernetesObject>();
  let synced = false;
  for await (const { type, object } of cluster.watch(query, signal)) {
    if (type === 'SYNCED') synced = true;
    else if (object !== undefined && type === 'DELETED') present.delete(object.metadata.uid ?? '');
    else if (object !== undefined) present.set(object.metadata.uid ?? '', object);
    if (synced && holds([...present.values()])) return;
  }
  throw new Error(`${query.kind} did not get there in time`);
}

function isReady({ status }: KubernetesObject): boolean {
  const { conditions = [] } = (status ?? {}) as { conditions?: { type: string; status: string }[] };
  return conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True');
}
