// Follows objects: one list, then the server's own events, picked up again wherever the connection broke.
import { setTimeout as pause } from 'node:timers/promises';
import type { KubernetesObject, ObjectQuery, WatchEvent } from '../../ports/cluster.ts';
import { Failure } from '../../ports/failure.ts';
import { answerFailure, connectionFailure, type Status } from './errors.ts';
import { linesOf } from './lines.ts';
import { type Api, describeQuery, listObjects, listPath } from './objects.ts';

/** The server ends each watch after this long; a connection that is silent for longer is dead. */
const ROUND_SECONDS = 120;
const SILENCE = (ROUND_SECONDS + 30) * 1000;
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;

interface Line {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: KubernetesObject;
}

/**
 * Events of all objects that match: ADDED for what is there, SYNCED, then what happens. After an expired resourceVersion
 * (410) it lists again and tells the difference, so no event that matters is lost. Ends with the signal; throws the Failure
 * of the first list, and later only refusals (unauthorized, forbidden, not-found, invalid).
 */
export async function* watchObjects(api: Api, query: ObjectQuery, signal: AbortSignal): AsyncGenerator<WatchEvent> {
  const known = new Map<string, KubernetesObject>();
  let version: string | undefined;
  let synced = false;
  let fruitless = 0;
  while (!signal.aborted) {
    try {
      if (version === undefined) {
        const list = await listObjects(api, query, signal);
        for (const event of difference(known, list.items)) {
          if (signal.aborted) return;
          yield event;
        }
        if (!synced) yield { type: 'SYNCED' };
        synced = true;
        version = list.resourceVersion;
      }
      for await (const { type, object } of follow(api, query, version, signal)) {
        fruitless = 0;
        version = object.metadata.resourceVersion ?? version;
        if (type === 'BOOKMARK') continue;
        remember(known, type, object);
        yield { type, object };
      }
    } catch (error) {
      if (signal.aborted) return;
      if (isExpired(error)) version = undefined;
      else if (!synced || !isPassing(error)) throw error;
    }
    // A round without any event is rare where all is well; where it is not, this keeps the load off the server.
    await pause(Math.min(FIRST_PAUSE * 2 ** fruitless++, LONGEST_PAUSE), undefined, { signal }).catch(() => undefined);
  }
}

/** Events of one connection, from a version on. Throws Failure where the server answers with an error. */
async function* follow(api: Api, query: ObjectQuery, version: string, signal: AbortSignal) {
  const { apiVersion, kind, labelSelector, fieldSelector } = query;
  const action = describeQuery('watch', query);
  const path = listPath(await api.discovery.require(apiVersion, kind, signal), query.namespace);
  const watch = { watch: true, allowWatchBookmarks: true, timeoutSeconds: ROUND_SECONDS, resourceVersion: version };
  const response = await api.transport.stream({ action, path, query: { ...watch, labelSelector, fieldSelector }, signal }, SILENCE);
  try {
    for await (const line of linesOf(response)) {
      const { type, object } = JSON.parse(line) as Line;
      if (type === 'ERROR') {
        const status = object as unknown as Status;
        throw answerFailure(action, { status: status.code ?? 500, body: status }, { context: '' });
      }
      yield { type, object };
    }
  } catch (error) {
    throw error instanceof Failure ? error : connectionFailure(action, api.transport.server, error);
  } finally {
    response.destroy();
  }
}

/** What changed while nobody watched, as events. */
function* difference(known: Map<string, KubernetesObject>, items: KubernetesObject[]): Generator<WatchEvent> {
  const present = new Set(items.map(keyOf));
  for (const [key, object] of [...known]) {
    if (present.has(key)) continue;
    known.delete(key);
    yield { type: 'DELETED', object };
  }
  for (const object of items) {
    const before = known.get(keyOf(object));
    if (before?.metadata.resourceVersion === object.metadata.resourceVersion && before) continue;
    known.set(keyOf(object), object);
    yield { type: before ? 'MODIFIED' : 'ADDED', object };
  }
}

function remember(known: Map<string, KubernetesObject>, type: WatchEvent['type'], object: KubernetesObject): void {
  if (type === 'DELETED') known.delete(keyOf(object));
  else known.set(keyOf(object), object);
}

/** An object made anew under the same name is another one. */
function keyOf({ metadata }: KubernetesObject): string {
  return metadata.uid ?? `${metadata.namespace ?? ''}/${metadata.name}`;
}

function isExpired(error: unknown): boolean {
  return error instanceof Failure && error.details.status === 410;
}

function isPassing(error: unknown): boolean {
  return error instanceof Failure && ['unreachable', 'timeout', 'throttled', 'server-error', 'conflict'].includes(error.code);
}
