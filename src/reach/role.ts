// Roles and bindings in the run's own namespace: who gets rights, and whether those lead out of it.
import type { KubernetesObject } from '../ports/cluster.ts';
import { type Fields, fieldsAt, listAt, textsAt } from './fields.ts';
import type { Judgement } from './judgement.ts';
import { isNobody, isOwnAccount, textOf } from './shapes/bindings.ts';
import { isReader } from './shapes/roles.ts';
import type { RunNames } from './shapes/shape.ts';

const SAFE_VERBS = new Set(['get', 'list', 'watch', 'delete', 'deletecollection']);
/** What an account may write without making a pod, a service or a right that this tool has not judged. */
const WRITABLE = new Set(
  'configmaps secrets events serviceaccounts serviceaccounts/token pods/exec pods/attach pods/portforward pods/log'.split(' '),
);

/** Rights that let an account of the run create what a playbook without `risk: high` may not. */
export function roleReach(role: KubernetesObject): Judgement {
  const isWide = listAt(role, 'rules').some((rule) => {
    const isSafe = textsAt(rule, 'verbs').every((verb) => SAFE_VERBS.has(verb));
    const isNarrow = textsAt(rule, 'resources').every((resource) => WRITABLE.has(resource));
    const isBound = textsAt(rule, 'verbs').every((verb) => !['*', 'escalate', 'bind', 'impersonate'].includes(verb));
    return !isSafe && !(isNarrow && isBound);
  });
  return { never: [], high: isWide ? ['it lets an account make pods, services or rights of its own'] : [] };
}

/** Nobody but the run's own accounts, and the user who does not exist, gets a right anywhere. */
export function bindingReach(binding: KubernetesObject, run: RunNames): Judgement {
  const subjects = listAt(binding, 'subjects');
  const accounts = subjects.filter((subject) => !isNobody(subject, run));
  const foreign = accounts.filter((subject) => !isOwnAccount(subject, run));
  const { kind, name } = fieldsAt(binding, 'roleRef');
  const isSmall = kind === 'Role' || name === 'view' || isReader(name, run.namespace);
  return {
    never: foreign.map(
      (subject: Fields) => `it binds ${textOf(subject)}: only service accounts of ${run.namespace} and User ${run.nobody} may be`,
    ),
    high:
      isSmall || accounts.length === 0 ? [] : [`it gives accounts of the run the rights of the ClusterRole ${name} in the run's namespace`],
  };
}
