// Creating objects so that each of them can be taken away again: checked, written to the run's log, applied.
import type { Risk } from '../language/playbook.ts';
import type { ApiResource, Cluster, KubernetesObject, ObjectReference } from '../ports/cluster.ts';
import { Failure } from '../ports/failure.ts';
import type { Change } from '../steps/step.ts';
import { adopt, refusals } from './confine.ts';
import { changeRefusal } from './confine-change.ts';
import type { RunEvent } from './events.ts';
import { namespaceObject, namespaceOf, WORKLOADS } from './identity.ts';

/** How long the cluster's own controllers may take to furnish a new namespace. */
const FURNISHING = 10_000;
const NAMESPACE_LIMIT = 10_000;

export interface Creator {
  /** Throws Failure invalid with every refusal before anything is created; admission-denied and others as the cluster gives them. */
  create(objects: readonly KubernetesObject[], signal: AbortSignal): Promise<KubernetesObject[]>;
  /** As StepContext says. */
  adopt(object: KubernetesObject, signal: AbortSignal): Promise<KubernetesObject>;
  created(object: KubernetesObject): Promise<void>;
  checkChange(change: Change, content: Readonly<Record<string, unknown>> | undefined, signal: AbortSignal): Promise<void>;
}

interface Surroundings {
  cluster: Cluster;
  run: { id: string; playbook: string };
  risk: Risk;
  now(): number;
  /** Resolves once the event is on the disk. */
  recordDurably(events: readonly RunEvent[]): Promise<void>;
}

/** What a run creates, it creates here: the namespace with the first objects. */
export function objectCreator({ cluster, run, risk, now, recordDurably }: Surroundings): Creator {
  const namespace = namespaceOf(run.id);
  const made: ObjectReference[] = [];
  let resources: ApiResource[] | undefined;
  let furnished: Promise<void> | undefined;

  const created = async (object: KubernetesObject): Promise<void> => {
    made.push(referenceOf(object));
    await recordDurably([{ type: 'object-created', at: now(), object: referenceOf(object) }]);
  };
  const apply = async (object: KubernetesObject, signal: AbortSignal): Promise<KubernetesObject> => {
    const applied = await cluster.apply(object, {}, signal);
    await created(applied);
    return applied;
  };
  const intend = (objects: readonly KubernetesObject[]): Promise<void> =>
    recordDurably(objects.map((object) => ({ type: 'object-intended', at: now(), object: referenceOf(object) })));

  const makeNamespace = async (signal: AbortSignal): Promise<void> => {
    const object = namespaceObject(run);
    // Applying would make a namespace ours that is somebody else's.
    const present = await cluster.get({ apiVersion: 'v1', kind: 'Namespace', name: namespace }, signal);
    if (present !== undefined) throw new Failure('conflict', `the namespace ${namespace} exists already`);
    await intend([object]);
    // Not under the step's signal: a request that is given up may still be carried out, after the cleanup has looked.
    await apply(object, AbortSignal.timeout(NAMESPACE_LIMIT));
    await defaultServiceAccount(cluster, namespace, signal);
  };

  const check = async (objects: readonly KubernetesObject[], signal: AbortSignal): Promise<void> => {
    resources ??= await cluster.resources(signal);
    const known = resources;
    const refused = objects.flatMap((object) => refusals(object, { namespace, risk, resources: known }));
    if (refused.length > 0) throw new Failure('invalid', refused.join('; '));
  };
  /** From here on they would be taken away. */
  const prepare = async (objects: readonly KubernetesObject[], signal: AbortSignal): Promise<KubernetesObject[]> => {
    await check(objects, signal);
    furnished ??= makeNamespace(signal).catch((error: unknown) => {
      // A later step may have more luck.
      furnished = undefined;
      throw error;
    });
    await furnished;
    const ours = objects.map((object) => adopt(object, run));
    await intend(ours);
    return ours;
  };

  return {
    async create(objects, signal) {
      const ours = await prepare(objects, signal);
      const applied = new Map<KubernetesObject, KubernetesObject>();
      for (const isWorkload of [false, true]) {
        const group = ours.filter(({ kind }) => WORKLOADS.has(kind) === isWorkload);
        await Promise.all(group.map(async (object) => applied.set(object, await apply(object, signal))));
      }
      return ours.map((object) => applied.get(object) ?? object);
    },
    async adopt(object, signal) {
      const [ours = object] = await prepare([object], signal);
      return ours;
    },
    created,
    async checkChange(change, content, signal) {
      const refused = changeRefusal(change, { namespace, made });
      if (refused !== undefined) throw new Failure('invalid', refused);
      if (content === undefined) return;
      const { apiVersion, kind, name } = change;
      const metadata = { ...(content.metadata as object | undefined), ...(name === undefined ? {} : { name }) };
      await check([{ ...content, apiVersion, kind, metadata }], signal);
    },
  };
}

/** Pods are refused until the namespace's default service account exists, which a controller makes a moment after the namespace. */
async function defaultServiceAccount(cluster: Cluster, namespace: string, signal: AbortSignal): Promise<void> {
  const query = { apiVersion: 'v1', kind: 'ServiceAccount', namespace, fieldSelector: 'metadata.name=default' };
  const stop = new AbortController();
  // Where none comes (no such controller, no permission to look), the pods' own errors say more than this would.
  const limit = AbortSignal.any([signal, stop.signal, AbortSignal.timeout(FURNISHING)]);
  try {
    for await (const { object } of cluster.watch(query, limit)) if (object !== undefined) break;
  } catch (error) {
    if (!(error instanceof Failure && error.code === 'forbidden')) throw error;
  } finally {
    stop.abort();
  }
}

function referenceOf({ apiVersion, kind, metadata }: KubernetesObject): ObjectReference {
  const { name = '', namespace, uid } = metadata;
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) };
}
