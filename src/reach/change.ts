// What a request that a playbook words itself may change: the run's own things, and nothing else.
import type { KubernetesObject, ObjectReference } from '../ports/cluster.ts';
import { type Fields, isFields } from './fields.ts';
import type { Path } from './judgement.ts';
import { shapeOf } from './shapes/index.ts';

/** One object, or with `name` absent all of a kind; `namespace` absent: outside of namespaces. */
type Change = Omit<ObjectReference, 'name' | 'uid'> & Partial<Pick<ObjectReference, 'name'>>;

/** Why a change may not be asked for, one sentence; `inContent` is the place in what is sent that it is about, absent where it is about the change. */
export interface ChangeRefusal {
  says: string;
  inContent?: Path;
}

/** Kinds that are questions to the server, such as SelfSubjectReview: nothing of them is stored. */
export const isQuestion = (apiVersion: string): boolean => /^(authentication|authorization)\.k8s\.io\//.test(apiVersion);

/**
 * Why a change may not be asked for; undefined where it may. `content` is what is sent, absent for a deletion; `isMade` says of an object outside of
 * the run's namespace whether the run has made it.
 */
export function changeRefusal(
  change: Change,
  content: Readonly<Record<string, unknown>> | undefined,
  { namespace, isMade }: { namespace: string; isMade(named: Change): boolean },
): ChangeRefusal | undefined {
  const { apiVersion, kind, name } = change;
  const inContent = directiveIn(content);
  if (inContent !== undefined)
    return { says: `\`${inContent.at(-1)}\` is not possible in a patch: what comes of it cannot be judged`, inContent };
  if (change.namespace === namespace) return undefined;
  if (change.namespace === undefined && isQuestion(apiVersion)) return undefined;
  const what = [kind, ...(name === undefined ? [] : [name])].join(' ');
  const where = change.namespace === undefined ? 'is in no namespace' : `is in the namespace ${change.namespace}`;
  if (name === undefined || !isMade(change))
    return { says: `${what} ${where}, and was not made by this run: a playbook changes only what is its own` };
  if (content === undefined) return undefined;
  return { says: `${what} ${where}: outside of the run's namespace a request may delete it, and not change it` };
}

/** Whether a run may make such an object outside of its namespace, for whoever does not know what it has made. */
export const mayBeMade = ({ name = '', ...change }: Change, namespace: string): boolean =>
  name.startsWith(`${namespace}-`) ? shapeOf(change) !== undefined : change.kind === 'Namespace' && name === namespace;

/** Strategic patches take list items away by keys of their own (k8s.io/apimachinery, pkg/util/strategicpatch): `$patch`, `$deleteFromPrimitiveList/...`. */
function directiveIn(value: unknown): Path | undefined {
  if (Array.isArray(value)) return firstInside(value.map((item: unknown, index) => [index, item]));
  if (!isFields(value)) return undefined;
  const directive = Object.keys(value).find((key) => key.startsWith('$'));
  return directive === undefined ? firstInside(Object.entries(value)) : [directive];
}

function firstInside(entries: readonly [string | number, unknown][]): Path | undefined {
  for (const [key, item] of entries) {
    const found = directiveIn(item);
    if (found !== undefined) return [key, ...found];
  }
  return undefined;
}

/** The object with a change on it, for judging: whatever kind of patch it is, nothing that may be there afterwards is missing. */
export function overlaid(present: KubernetesObject, change: KubernetesObject): KubernetesObject {
  const { name, namespace, labels = {}, annotations = {} } = present.metadata;
  const known = { ...present, metadata: { name, namespace, labels, annotations } };
  return overlay(known as Fields, change) as KubernetesObject;
}

/** Maps as JSON Merge Patch does (RFC 7396); of lists both: a patch may replace them or add to them. */
function overlay(below: unknown, above: unknown): unknown {
  if (Array.isArray(below) && Array.isArray(above)) return [...below, ...above];
  if (!isFields(below) || !isFields(above)) return above;
  const merged: Fields = { ...below };
  for (const [key, value] of Object.entries(above)) {
    if (value === null) delete merged[key];
    else merged[key] = overlay(below[key], value);
  }
  return merged;
}
