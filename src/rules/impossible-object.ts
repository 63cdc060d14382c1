// An object that no playbook may create, or a change that none may ask for, whatever risk it declares.
import type { Rule } from './rule.ts';
import { findingsOf, refusalsIn } from './written-objects.ts';

export const impossibleObject: Rule = {
  id: 'impossible-object',
  severity: 'error',
  security: true,
  summary: 'No object would harm others or be left behind: what a run refuses whatever the risk.',
  why: `A run refuses such an object before it creates the first one, with \`risk: high\`, too. It would stay when the run is over (a file on a node), push others aside (a priority of the system), take what is theirs (a volume that is there already), let somebody in (a binding for a live account, a service that is open and leads to a pod) or stand where no object of a run may.

Outside of the run's namespace only a few kinds are possible, each in a harmless form: under a name that begins with \`\${{ run.namespace }}-\`, a ClusterRoleBinding for the user \`sim:nobody:\${{ run.id }}\`, who does not exist, a webhook that looks at the run's namespace alone. SECURITY.md lists them. A request of \`api\` changes what the run has made in its namespace, and outside of it deletes at most, unless it is a dry run. An object is judged as far as it is known before a run, with the defaults of the inputs; charts are judged when they are rendered.`,
  check: (playbook, context) => findingsOf(refusalsIn(playbook, context).never, 'SECURITY.md says in which form objects are possible'),
};
