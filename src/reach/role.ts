// Roles and bindings in the run's own namespace: who gets rights, and whether those lead out of it.
import type { KubernetesObject } from '../ports/cluster.ts';
import { fieldsAt, placedAt, textOf, textsAt } from './fields.ts';
import type { Judgement } from './judgement.ts';
import { isNobody, isOwnAccount, subjectOf } from './shapes/bindings.ts';
import { isReader } from './shapes/roles.ts';
import type { RunNames } from './shapes/shape.ts';

const SAFE_VERBS = new Set(['get', 'list', 'watch', 'delete', 'deletecollection']);
/** What an account may write without making a pod, a service or a right that this tool has not judged. */
const WRITABLE = new Set(
  'configmaps secrets events serviceaccounts serviceaccounts/token pods/exec pods/attach pods/portforward pods/log'.split(' '),
);

/** Rights that let an account of the run create what a playbook without `risk: high` may not. */
export function roleReach(role: KubernetesObject): Judgement {
  const wide = placedAt(role, 'rules', []).filter(({ value: rule }) => {
    const isSafe = textsAt(rule, 'verbs').every((verb) => SAFE_VERBS.has(verb));
    const isNarrow = textsAt(rule, 'resources').every((resource) => WRITABLE.has(resource));
    const isBound = textsAt(rule, 'verbs').every((verb) => !['*', 'escalate', 'bind', 'impersonate'].includes(verb));
    return !isSafe && !(isNarrow && isBound);
  });
  return { never: [], high: wide.map(({ path }) => ({ says: 'it lets an account make pods, services or rights of its own', path })) };
}

/** Nobody but the run's own accounts, and the user who does not exist, gets a right anywhere. */
export function bindingReach(binding: KubernetesObject, run: RunNames): Judgement {
  const accounts = placedAt(binding, 'subjects', []).filter(({ value }) => !isNobody(value, run));
  const foreign = accounts.filter(({ value }) => !isOwnAccount(value, run));
  const { kind, name } = fieldsAt(binding, 'roleRef');
  const isSmall = kind === 'Role' || name === 'view' || isReader(name, run.namespace);
  const says = `it gives accounts of the run the rights of the ClusterRole ${textOf(name)} in the run's namespace`;
  return {
    never: foreign.map(({ value, path }) => ({
      says: `it binds ${subjectOf(value)}: only service accounts of ${run.namespace} and User ${run.nobody} may be`,
      path,
    })),
    // The role alone does not tell: it depends on who is bound.
    high: isSmall || accounts.length === 0 ? [] : [{ says, path: [] }],
  };
}
