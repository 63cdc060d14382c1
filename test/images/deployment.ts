// One pair of images on a real cluster: charts/simulation applied in a namespace of its own, and ways to use it.
import { randomBytes } from 'node:crypto';
import type { Cluster, ExecResult, KubernetesObject, ObjectReference } from '../../src/ports/cluster.ts';
import { render } from '../charts/render.ts';

export interface ImagePair {
  attacker: string;
  victim: string;
}

interface PodStatus {
  phase?: string;
  conditions?: { type: string; status: string }[];
  containerStatuses?: { state: { terminated?: { exitCode: number }; waiting?: { reason?: string; message?: string } } }[];
}

export type Role = 'attacker' | 'victim';

export interface Deployment {
  id: string;
  token: string;
  exec(role: Role, command: string[], stdin?: string): Promise<ExecResult>;
  /** Sends a command to the web shell as the playbooks do. */
  webShell(command: string, token?: string): Promise<{ status: number; body: string }>;
  /** The exit code of the role's first process, once it has ended. */
  ended(role: Role): Promise<number>;
  /** Replaces a role's pod by a new one and waits until it is ready. */
  renew(role: Role): Promise<void>;
  remove(): Promise<void>;
}

const signal = (): AbortSignal => AbortSignal.timeout(90_000);

/** Applies the chart with this pair and resolves when both pods are ready. */
export async function deploy(cluster: Cluster, pair: ImagePair): Promise<Deployment> {
  const id = randomBytes(4).toString('hex');
  const token = randomBytes(16).toString('hex');
  const namespace = `sim-${id}`;
  const image = (reference: string): object => ({ repository: reference, tag: '' });
  const { objects, error } = render({
    runId: id,
    webShell: { token },
    images: { attacker: image(pair.attacker), victim: image(pair.victim) },
  });
  if (error !== '') throw new Error(error);
  const namespaceReference = { apiVersion: 'v1', kind: 'Namespace', name: namespace };
  const podReference = (role: Role): ObjectReference => ({ apiVersion: 'v1', kind: 'Pod', name: role, namespace });
  const apply = async (object: object): Promise<void> => {
    const namespaced = object as KubernetesObject;
    await cluster.apply({ ...namespaced, metadata: { ...namespaced.metadata, namespace } }, {}, signal());
  };

  const remove = async (): Promise<void> => {
    for (const role of ['attacker', 'victim'] as const) await cluster.delete(podReference(role), { gracePeriodSeconds: 2 }, signal());
    await cluster.delete(namespaceReference, {}, signal());
  };

  await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, {}, signal());
  try {
    for (const object of objects) await apply(object);
    await Promise.all([untilReady(cluster, podReference('attacker')), untilReady(cluster, podReference('victim'))]);
  } catch (failure) {
    await remove();
    throw failure;
  }

  const exec = (role: Role, command: string[], stdin?: string): Promise<ExecResult> =>
    cluster.exec({ namespace, name: role, container: role }, command, { signal: signal(), ...(stdin === undefined ? {} : { stdin }) });

  return {
    id,
    token,
    exec,
    remove,
    async webShell(command, sent = token) {
      const config = [
        'url = "http://victim/ws.php"',
        'get',
        'silent',
        `data-urlencode = "cmd=${command.replace(/[\\"]/gu, '\\$&').replaceAll('\n', '\\n')}"`,
        `header = "X-Sim-Token: ${sent}"`,
        'write-out = "\\n%{http_code}"',
      ];
      const { stdout } = await exec('attacker', ['curl', '--config', '-'], `${config.join('\n')}\n`);
      const end = stdout.lastIndexOf('\n');
      return { status: Number(stdout.slice(end + 1)), body: stdout.slice(0, end) };
    },
    ended: (role) => until(cluster, podReference(role), ({ containerStatuses: [container] = [] }) => container?.state.terminated?.exitCode),
    async renew(role) {
      const { uid } = (await cluster.get(podReference(role), signal()))?.metadata ?? {};
      await cluster.delete(podReference(role), {}, signal());
      for await (const { type, object } of cluster.watch(
        { apiVersion: 'v1', kind: 'Pod', namespace, fieldSelector: `metadata.name=${role}` },
        signal(),
      )) {
        if (type === 'SYNCED' || (type === 'DELETED' && object?.metadata.uid === uid)) {
          if ((await cluster.get(podReference(role), signal())) === undefined) break;
        }
      }
      await apply(objects.find(({ kind, metadata }) => kind === 'Pod' && metadata.name === role) ?? {});
      await untilReady(cluster, podReference(role));
    },
  };
}

function untilReady(cluster: Cluster, pod: ObjectReference): Promise<true> {
  return until(cluster, pod, ({ conditions = [], containerStatuses: [container] = [] }) => {
    const { reason = '', message = '' } = container?.state.waiting ?? {};
    if (/ErrImage|ImagePullBackOff|CreateContainer/u.test(reason)) throw new Error(`${pod.name}: ${reason} ${message}`);
    if (container?.state.terminated) throw new Error(`${pod.name}: ended with exit code ${container.state.terminated.exitCode}`);
    return conditions.some(({ type, status }) => type === 'Ready' && status === 'True') || undefined;
  });
}

async function until<T>(cluster: Cluster, pod: ObjectReference, read: (status: PodStatus) => T | undefined): Promise<T> {
  const ending = signal();
  const query = {
    apiVersion: pod.apiVersion,
    kind: pod.kind,
    ...(pod.namespace ? { namespace: pod.namespace } : {}),
    fieldSelector: `metadata.name=${pod.name}`,
  };
  for await (const { object } of cluster.watch(query, ending)) {
    const found = object && read((object.status ?? {}) as PodStatus);
    if (found !== undefined) return found;
  }
  throw new Error(`pod ${pod.name} did not get there in time`);
}
