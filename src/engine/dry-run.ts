// What an API server would say to the objects of a plan: a server-side dry run of each, which stores nothing.
import type { Cluster, KubernetesObject } from '../ports/cluster.ts';
import { Failure } from '../ports/failure.ts';

export interface DryRun {
  object: KubernetesObject;
  result: 'created' | 'changed' | 'unchanged' | 'denied' | 'failed';
  policy?: string;
  message?: string;
  /** Fields that would change, as paths: "data.Corefile". */
  fields?: string[];
}

interface Place {
  /** Of the run; it does not exist yet. */
  runNamespace: string;
  /** Where the objects of the run's namespace are tried. */
  namespace: string;
}

/** Tries an object. Throws Failure where the cluster itself cannot be reached. */
export async function dryRun(
  object: KubernetesObject,
  { runNamespace, namespace }: Place,
  cluster: Pick<Cluster, 'get' | 'apply'>,
  signal: AbortSignal,
): Promise<DryRun> {
  const isOfRun = object.metadata.namespace === runNamespace;
  const tried = isOfRun ? asProbe(object, namespace) : object;
  try {
    const { apiVersion, kind, metadata } = tried;
    const reference = { apiVersion, kind, name: metadata.name ?? '', ...(metadata.namespace ? { namespace: metadata.namespace } : {}) };
    const before = isOfRun ? undefined : await cluster.get(reference, signal);
    const after = await cluster.apply(tried, { dryRun: true, ...(before === undefined ? {} : { force: true }) }, signal);
    if (before === undefined) return { object, result: 'created' };
    const fields = differences(before, after);
    return fields.length === 0 ? { object, result: 'unchanged' } : { object, result: 'changed', fields };
  } catch (error) {
    if (!(error instanceof Failure) || signal.aborted || ['unreachable', 'unauthorized', 'interrupted'].includes(error.code)) throw error;
    const { policy } = error.details;
    const result = error.code === 'admission-denied' ? 'denied' : 'failed';
    return { object, result, ...(policy === undefined ? {} : { policy }), message: error.message };
  }
}

/** The object under a name of its own in a namespace that exists, without what it would find in the run's namespace only. */
function asProbe({ metadata, spec, ...rest }: KubernetesObject, namespace: string): KubernetesObject {
  const { name, labels = {}, annotations = {} } = metadata;
  const probe: KubernetesObject = { ...rest, metadata: { name: `sim-plan-${name}`, namespace, labels, annotations } };
  if (spec === undefined) return probe;
  if (rest.kind !== 'Pod' || typeof spec !== 'object' || spec === null) return { ...probe, spec };
  const { serviceAccountName: _, ...others } = spec as Record<string, unknown>;
  return { ...probe, spec: others };
}

/** Kept by the server itself. */
const SERVERS_OWN = new Set(['managedFields', 'resourceVersion', 'generation', 'uid', 'creationTimestamp']);

/** Paths at which two objects differ; lists are compared as a whole. */
function differences(before: unknown, after: unknown, path: readonly string[] = []): string[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (!isMap(before) || !isMap(after)) return [path.join('.')];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys
    .filter((key) => !(path.length === 1 && path[0] === 'metadata' && SERVERS_OWN.has(key)) && !(path.length === 0 && key === 'status'))
    .flatMap((key) => differences(before[key], after[key], [...path, key]));
}

const isMap = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
