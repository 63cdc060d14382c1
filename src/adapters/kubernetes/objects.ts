// Objects of any kind: get, list, server-side apply, delete.
import type { ApiResource, ApplyOptions, KubernetesObject, ObjectQuery, ObjectReference } from '../../ports/cluster.ts';
import { Failure } from '../../ports/failure.ts';
import { type Discovery, groupPath } from './discovery.ts';
import type { Transport } from './transport.ts';

/** Transport and discovery of one cluster. */
export interface Api {
  transport: Transport;
  discovery: Discovery;
}

const FIELD_MANAGER = 'kubesim';
const PAGE = 500;

/** The object, or undefined where it (or its kind) does not exist. */
export async function getObject(
  { transport, discovery }: Api,
  reference: ObjectReference,
  signal: AbortSignal,
): Promise<KubernetesObject | undefined> {
  const resource = await discovery.find(reference.apiVersion, reference.kind, signal);
  if (!resource) return undefined;
  const path = objectPath(resource, reference);
  try {
    return (await transport.json({ action: `get ${nameOf(reference)}`, path, signal })) as KubernetesObject;
  } catch (error) {
    if (error instanceof Failure && error.code === 'not-found') return undefined;
    throw error;
  }
}

/** Creates or applies one object (server-side, strict about unknown fields) and returns it as the server has it. */
export async function applyObject(
  { transport, discovery }: Api,
  object: KubernetesObject,
  options: ApplyOptions,
  signal: AbortSignal,
): Promise<KubernetesObject> {
  const { apiVersion, kind, metadata } = object;
  const { name, namespace } = metadata;
  if (!name) throw new Failure('invalid', `apply ${kind}: the object has no metadata.name (generateName cannot be applied)`);
  const reference = { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
  const resource = await discovery.require(apiVersion, kind, signal);
  const action = `apply ${nameOf(reference)}`;
  const path = objectPath(resource, reference);
  const query = { fieldManager: FIELD_MANAGER, fieldValidation: 'Strict', dryRun: options.dryRun ? 'All' : undefined };
  if (options.creating) {
    try {
      const collection = path.slice(0, path.lastIndexOf('/'));
      return (await transport.json({ action, method: 'POST', path: collection, query, body: object, signal })) as KubernetesObject;
    } catch (error) {
      if (!(error instanceof Failure && error.code === 'conflict' && error.details.status === 409)) throw error;
    }
  }
  return (await transport.json({
    action,
    method: 'PATCH',
    path,
    query: { ...query, force: options.force },
    // JSON is YAML: the server wants this type's name all the same.
    contentType: 'application/apply-patch+yaml',
    body: object,
    signal,
  })) as KubernetesObject;
}

/** Asks for the deletion of one object, its dependants in the background. False: it is not there, or is another one (UID). */
export async function deleteObject(
  { transport, discovery }: Api,
  reference: ObjectReference,
  { gracePeriodSeconds }: { gracePeriodSeconds?: number },
  signal: AbortSignal,
): Promise<boolean> {
  const resource = await discovery.find(reference.apiVersion, reference.kind, signal);
  if (!resource) return false;
  const { uid } = reference;
  const body = {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    propagationPolicy: 'Background',
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(uid === undefined ? {} : { preconditions: { uid } }),
  };
  try {
    await transport.json({ action: `delete ${nameOf(reference)}`, method: 'DELETE', path: objectPath(resource, reference), body, signal });
    return true;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const otherUid = uid !== undefined && error.code === 'conflict' && /\bUID\b/.test(error.message);
    if (error.code === 'not-found' || otherUid) return false;
    throw error;
  }
}

/** All objects that match, in pages, with the version to watch from. Throws Failure not-found for a kind that is not served. */
export async function listObjects(
  { transport, discovery }: Api,
  query: ObjectQuery,
  signal: AbortSignal,
): Promise<{ items: KubernetesObject[]; resourceVersion: string }> {
  const { apiVersion, kind, labelSelector, fieldSelector } = query;
  const path = listPath(await discovery.require(apiVersion, kind, signal), query.namespace);
  const items: KubernetesObject[] = [];
  let next: string | undefined;
  while (true) {
    const page = (await transport.json({
      action: describeQuery('list', query),
      path,
      query: { labelSelector, fieldSelector, limit: PAGE, continue: next },
      signal,
    })) as { metadata: { resourceVersion: string; continue?: string }; items?: KubernetesObject[] };
    // Items of a typed list come without their type.
    items.push(...(page.items ?? []).map((item) => ({ ...item, apiVersion, kind })));
    next = page.metadata.continue || undefined;
    if (next === undefined) return { items, resourceVersion: page.metadata.resourceVersion };
  }
}

/** Path of a collection; without a namespace: everywhere. */
export function listPath(resource: ApiResource, namespace: string | undefined): string {
  const group = groupPath(resource.apiVersion);
  return resource.namespaced && namespace !== undefined
    ? `${group}/namespaces/${encodeURIComponent(namespace)}/${resource.resource}`
    : `${group}/${resource.resource}`;
}

/** "list Pod in sim-1 (role=victim)". */
export function describeQuery(verb: string, { kind, namespace, labelSelector, fieldSelector }: ObjectQuery): string {
  const selectors = [labelSelector, fieldSelector].filter(Boolean).join(', ');
  return `${verb} ${kind}${namespace === undefined ? '' : ` in ${namespace}`}${selectors && ` (${selectors})`}`;
}

function objectPath(resource: ApiResource, reference: ObjectReference): string {
  if (resource.namespaced && reference.namespace === undefined) {
    throw new Failure('invalid', `${nameOf(reference)} needs a namespace: objects of this kind live in one`);
  }
  return `${listPath(resource, reference.namespace)}/${encodeURIComponent(reference.name)}`;
}

function nameOf({ kind, namespace, name }: ObjectReference): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}
