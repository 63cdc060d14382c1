// What a request that a playbook words itself may change: the run's own things, and nothing else.
import type { KubernetesObject, ObjectReference } from '../ports/cluster.ts';
import { type Fields, isFields } from '../reach/fields.ts';
import type { Change } from '../steps/step.ts';

/** Their kinds without a namespace are questions, such as SelfSubjectReview: the server answers, and stores nothing. */
const QUESTIONS = /^(authentication|authorization)\.k8s\.io\//;

/** Why a change may not be asked for, one sentence; undefined where it may. `content` is what is sent, `made` what the run has created. */
export function changeRefusal(
  change: Change,
  content: Readonly<Record<string, unknown>> | undefined,
  { namespace, made }: { namespace: string; made: readonly ObjectReference[] },
): string | undefined {
  const { apiVersion, kind, name } = change;
  const directive = directiveIn(content);
  if (directive !== undefined) return `\`${directive}\` is not possible in a patch: what comes of it cannot be judged`;
  if (change.namespace === namespace) return undefined;
  if (change.namespace === undefined && QUESTIONS.test(apiVersion)) return undefined;
  const isOwn = (it: ObjectReference) =>
    it.apiVersion === apiVersion && it.kind === kind && it.namespace === change.namespace && it.name === name;
  const what = [kind, ...(name === undefined ? [] : [name])].join(' ');
  const where = change.namespace === undefined ? 'is in no namespace' : `is in the namespace ${change.namespace}`;
  if (name !== undefined && made.some(isOwn))
    return content === undefined
      ? undefined
      : `${what} ${where}: outside of the run's namespace a request may delete it, and not change it`;
  return `${what} ${where}, and was not made by this run: a playbook changes only what is its own`;
}

/** Strategic patches take list items away by keys of their own (k8s.io/apimachinery, pkg/util/strategicpatch): `$patch`, `$deleteFromPrimitiveList/...`. */
function directiveIn(value: unknown): string | undefined {
  if (Array.isArray(value)) return value.map(directiveIn).find((each) => each !== undefined);
  if (!isFields(value)) return undefined;
  return Object.keys(value).find((key) => key.startsWith('$')) ?? directiveIn(Object.values(value));
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
