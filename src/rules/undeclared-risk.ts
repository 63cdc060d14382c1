// An object that reaches beyond its run, in a playbook that promises not to.
import type { Rule } from './rule.ts';
import { findingsOf, refusalsIn } from './written-objects.ts';

export const undeclaredRisk: Rule = {
  id: 'undeclared-risk',
  severity: 'error',
  security: true,
  summary: 'A playbook whose objects reach into a node, another namespace or the whole cluster declares `risk: high`.',
  why: `Who runs a playbook of low risk relies on it that nothing outside of the run's own namespace is touched; the run refuses such an object before it creates the first one.

Declare \`risk: high\` in \`metadata\`, so that a run asks for \`--allow-risk high\`, or do without: no privileged container, no \`hostPath\`, \`hostNetwork\`, \`hostPID\`, \`hostIPC\`, no added capability, no service that is open to the outside, no right to make pods, no namespace of others, no kind that has no namespace. An object is judged as far as it is known before a run, with the defaults of the inputs. Charts are judged when they are rendered: \`sim plan\` and \`sim run\` do that.`,
  check: (playbook, context) => findingsOf(refusalsIn(playbook, context).high, 'declare `risk: high` in `metadata`, or do without it'),
};
