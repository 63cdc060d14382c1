// What a request that a playbook words itself may change: the run's own things, and nothing else.
import type { ObjectReference } from '../ports/cluster.ts';
import type { Change } from '../steps/step.ts';

/** Their kinds without a namespace are questions, such as SelfSubjectReview: the server answers, and stores nothing. */
const QUESTIONS = /^(authentication|authorization)\.k8s\.io\//;

/** Why a change may not be asked for, one sentence; undefined where it may. `made` is what the run has created. */
export function changeRefusal(
  change: Change,
  { namespace, made }: { namespace: string; made: readonly ObjectReference[] },
): string | undefined {
  const { apiVersion, kind, name } = change;
  if (change.namespace === namespace) return undefined;
  if (change.namespace === undefined && QUESTIONS.test(apiVersion)) return undefined;
  const isOwn = (it: ObjectReference) =>
    it.apiVersion === apiVersion && it.kind === kind && it.namespace === change.namespace && it.name === name;
  if (name !== undefined && made.some(isOwn)) return undefined;
  const what = [kind, ...(name === undefined ? [] : [name])].join(' ');
  const where = change.namespace === undefined ? 'is in no namespace' : `is in the namespace ${change.namespace}`;
  return `${what} ${where}, and was not made by this run: a playbook changes only what is its own`;
}
