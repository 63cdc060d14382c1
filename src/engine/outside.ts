// Objects of a run outside of its namespace, which does not take them along: found by their proof, removed one by one.
import type { Cluster, ObjectReference } from '../ports/cluster.ts';
import { Failure } from '../ports/failure.ts';
import { shapeOf, shapes } from '../reach/shapes/index.ts';
import type { Removal } from './events.ts';
import { notOurs, referenceTo, runIdIn } from './identity.ts';
import { reasonOf, removeForGood } from './removal.ts';

type Note = (object: ObjectReference, result: Removal['result'], reason?: string) => void;

export interface FoundOutside {
  /** References by the id of the run that they provably belong to. */
  runs: Map<string, ObjectReference[]>;
  /** Plurals of what may not be listed: nothing is known of those. */
  hidden: string[];
}

/** Looks through every kind that may stand outside of a run's namespace. */
export async function findOutside(cluster: Cluster, labelSelector: string, signal: AbortSignal): Promise<FoundOutside> {
  const runs: FoundOutside['runs'] = new Map();
  const hidden: string[] = [];
  const lists = await Promise.all(
    shapes.map(async ({ apiVersion, kind, resource, namespace }) => {
      try {
        return await cluster.list({ apiVersion, kind, labelSelector, ...(namespace === undefined ? {} : { namespace }) }, signal);
      } catch (error) {
        if (!(error instanceof Failure && ['forbidden', 'not-found'].includes(error.code))) throw error;
        if (error.code === 'forbidden') hidden.push(resource);
        return [];
      }
    }),
  );
  for (const object of lists.flat()) {
    const id = runIdIn(object);
    if (id === undefined || notOurs(object, id) !== undefined) continue;
    runs.set(id, [...(runs.get(id) ?? []), referenceTo(object)]);
  }
  return { runs, hidden: hidden.sort() };
}

/** Removes them, what reaches furthest first; whatever becomes of one, the others are tried as well. Never throws. */
export async function removeOutside(
  cluster: Cluster,
  runId: string,
  objects: readonly ObjectReference[],
  note: Note,
  { patience, signal }: { patience: number; signal: AbortSignal },
): Promise<void> {
  for (const object of objects.toSorted((a, b) => reachOf(a) - reachOf(b))) {
    try {
      const found = await cluster.get(object, signal);
      // One of the same name with another UID is somebody else's.
      if (found === undefined || (object.uid !== undefined && found.metadata.uid !== object.uid)) note(object, 'absent');
      else {
        const foreign = object.uid === undefined ? notOurs(found, runId) : undefined;
        if (foreign !== undefined) note(object, 'kept', foreign);
        else {
          await removeForGood(cluster, { ...object, uid: found.metadata.uid ?? '' }, { patience, signal });
          note(object, 'deleted');
        }
      }
    } catch (error) {
      note(object, 'failed', reasonOf(error));
    }
  }
}

/** Where it stands in the list of shapes; what has none (from a log of another version) goes first. */
function reachOf(object: ObjectReference): number {
  const shape = shapeOf(object);
  return shape === undefined ? -1 : shapes.indexOf(shape);
}
