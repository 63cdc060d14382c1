// What the playbooks need, asked of the cluster one by one.
import type { Permission } from '../steps/step.ts';
import type { Check, CheckLine } from './check.ts';

/** Any run's namespace will do for the question: authorisers do not know it yet either. */
const NAMESPACE = 'sim-doctor';

export const permissions: Check = {
  id: 'permissions',
  title: 'Permissions',
  needs: 'api-server',
  async run({ cluster, plan, namespace = NAMESPACE, signal }) {
    if (plan === undefined)
      return [{ status: 'unknown', message: 'what the playbooks need is not known, because they could not be planned' }];
    const answers = await Promise.all(
      plan.permissions.map(async (permission) => {
        const { verb, group, resource } = permission;
        const scope = permission.cluster ? {} : { namespace: permission.namespace ?? namespace };
        return { permission, ...(await cluster.canI({ verb, group, resource, ...scope }, signal)) };
      }),
    );
    const denied = answers.filter(({ allowed }) => !allowed);
    if (denied.length === 0) return [{ status: 'ok', message: `all ${answers.length} permissions that the playbooks need are there` }];
    return denied.map(({ permission, reason }): CheckLine => {
      const why = reason === '' ? '' : `: ${reason}`;
      return { status: 'fail', message: `${nameOf(permission)} is not allowed${why}`, hint: 'Ask an administrator of the cluster for it.' };
    });
  },
};

function nameOf({ verb, group, resource, cluster, namespace }: Permission): string {
  const where = namespace === undefined ? 'in a namespace of a run' : `in the namespace ${namespace}`;
  return `${verb} ${resource}${group === '' ? '' : `.${group}`}${cluster ? '' : ` ${where}`}`;
}
