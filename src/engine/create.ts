// Creating objects so that each of them can be taken away again: checked, written to the run's log, applied.
import type { Change } from '../language/definition.ts';
import type { Risk } from '../language/playbook.ts';
import type { ApiResource, Cluster, KubernetesObject, ObjectReference } from '../ports/cluster.ts';
import { Failure } from '../ports/failure.ts';
import { changeRefusal, overlaid } from '../reach/change.ts';
import { type Notice, noticeAnnotations } from './announcement.ts';
import { adopt, refusals } from './confine.ts';
import type { RunEvent } from './events.ts';
import { isOutside, namespaceObject, namespaceOf, notOurs, referenceTo, stageOf } from './identity.ts';

/** How long the cluster's own controllers may take to furnish a new namespace. */
const FURNISHING = 10_000;
const LASTING_LIMIT = 10_000;

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
  notice: Notice;
  risk: Risk;
  now(): number;
  /** Resolves once the event is on the disk. */
  recordDurably(events: readonly RunEvent[]): Promise<void>;
}

/** What a run creates, it creates here: the namespace with the first objects. */
export function objectCreator({ cluster, run, notice, risk, now, recordDurably }: Surroundings): Creator {
  const namespace = namespaceOf(run.id);
  const made: ObjectReference[] = [];
  let resources: ApiResource[] | undefined;
  let furnished: Promise<void> | undefined;

  const created = async (object: KubernetesObject): Promise<void> => {
    made.push(referenceTo(object));
    await recordDurably([{ type: 'object-created', at: now(), object: referenceTo(object) }]);
  };
  const isMade = ({ apiVersion, kind, namespace, name }: Change): boolean =>
    made.some((it) => it.apiVersion === apiVersion && it.kind === kind && it.namespace === namespace && it.name === name);
  const apply = async (object: KubernetesObject, signal: AbortSignal): Promise<KubernetesObject> => {
    // As an attacker would: the audit log tells of a creation, and only then of a change.
    const applied = await cluster.apply(object, isMade(referenceTo(object)) ? { force: true } : { creating: true }, signal);
    await created(applied);
    return applied;
  };
  /** Not under the step's signal: a request that is given up may still be carried out, after the cleanup has looked. */
  const applyLasting = (object: KubernetesObject, signal: AbortSignal): Promise<KubernetesObject> => {
    signal.throwIfAborted();
    return apply(object, AbortSignal.timeout(LASTING_LIMIT));
  };
  const intend = (objects: readonly KubernetesObject[]): Promise<void> =>
    recordDurably(objects.map((object) => ({ type: 'object-intended', at: now(), object: referenceTo(object) })));

  const standsOutside = ({ kind, metadata }: KubernetesObject): boolean => isOutside({ kind, ...metadata }, namespace);

  const makeNamespace = async (signal: AbortSignal): Promise<void> => {
    const object = namespaceObject(run, noticeAnnotations(notice));
    // Applying would make a namespace ours that is somebody else's.
    const present = await cluster.get({ apiVersion: 'v1', kind: 'Namespace', name: namespace }, signal);
    if (present !== undefined) throw new Failure('conflict', `the namespace ${namespace} exists already`);
    await intend([object]);
    await applyLasting(object, signal);
    await defaultServiceAccount(cluster, namespace, signal);
  };

  const check = async (objects: readonly KubernetesObject[], signal: AbortSignal): Promise<void> => {
    resources ??= await cluster.resources(signal);
    const known = resources;
    const refused = objects.flatMap((object) => refusals(object, { namespace, risk, resources: known }));
    if (refused.length > 0) throw new Failure('invalid', refused.join('; '));
  };
  /** An object outside of the run's namespace that is there already is somebody else's, unless an earlier step made it. */
  const refuseForeign = async (object: KubernetesObject, signal: AbortSignal): Promise<void> => {
    const present = await cluster.get(referenceTo(object), signal);
    const foreign = present && notOurs(present, run.id);
    if (foreign !== undefined) throw new Failure('conflict', `${object.kind} ${object.metadata.name} exists already: ${foreign}`);
  };
  /** All or nothing: what the server would refuse is known before anything exists. */
  const rehearse = async (object: KubernetesObject, signal: AbortSignal): Promise<void> => {
    await cluster.apply(object, { dryRun: true }, signal).catch((error: unknown) => {
      // It may need what is created just before it.
      if (!(error instanceof Failure && error.code === 'not-found')) throw error;
    });
  };
  /** From here on they would be taken away. */
  const prepare = async (
    objects: readonly KubernetesObject[],
    { rehearsal }: { rehearsal: boolean },
    signal: AbortSignal,
  ): Promise<KubernetesObject[]> => {
    await check(objects, signal);
    const ours = objects.map((object) => adopt(object, run));
    for (const object of ours.filter(standsOutside)) {
      await refuseForeign(object, signal);
      if (rehearsal) await rehearse(object, signal);
    }
    furnished ??= makeNamespace(signal).catch((error: unknown) => {
      // A later step may have more luck.
      furnished = undefined;
      throw error;
    });
    await furnished;
    await intend(ours);
    return ours;
  };

  return {
    async create(objects, signal) {
      const ours = await prepare(objects, { rehearsal: true }, signal);
      const applied = new Map<KubernetesObject, KubernetesObject>();
      for (const stage of [...new Set(ours.map(({ kind }) => stageOf(kind)))].sort()) {
        const group = ours.filter(({ kind }) => stageOf(kind) === stage);
        const put = async (object: KubernetesObject) =>
          applied.set(object, await (standsOutside(object) ? applyLasting(object, signal) : apply(object, signal)));
        // Where one fails, the others are still awaited: the cleanup must not look before they are there.
        const failed = (await Promise.allSettled(group.map(put))).find(({ status }) => status === 'rejected');
        if (failed?.status === 'rejected') throw failed.reason;
      }
      return ours.map((object) => applied.get(object) ?? object);
    },
    async adopt(object, signal) {
      const [ours = object] = await prepare([object], { rehearsal: false }, signal);
      return ours;
    },
    created,
    async checkChange(change, content, signal) {
      const refused = changeRefusal(change, content, { namespace, isMade });
      if (refused !== undefined) throw new Failure('invalid', refused.says);
      if (content === undefined) return;
      const { apiVersion, kind, name } = change;
      const metadata = { ...(content.metadata as object | undefined), ...(name === undefined ? {} : { name }) };
      const changed = { ...content, apiVersion, kind, metadata };
      await check([changed], signal);
      // A part alone does not show what it means beside the rest; without a high risk there is nothing that it could complete.
      const present = risk === 'high' && name !== undefined ? await cluster.get({ ...change, name }, signal) : undefined;
      if (present !== undefined) await check([overlaid(present, changed)], signal);
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
