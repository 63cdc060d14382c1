// Two steps with one id: a reference could mean either.
import { allSteps } from '../language/step-tree.ts';
import type { Rule } from './rule.ts';

export const duplicateId: Rule = {
  id: 'duplicate-id',
  severity: 'error',
  eachStep: true,
  summary: 'Each id names one step, because expressions and expectations reach steps by it.',
  why: `\`steps.scan.stdout\` and \`of: scan\` must name one step. With two of that id the one that runs last would win silently.

Rename one of them, or drop the id that nothing refers to.`,
  check(playbook) {
    const first = new Map<string, string>();
    return allSteps(playbook).flatMap(({ id, name, path }) => {
      if (id === undefined) return [];
      const other = first.get(id);
      if (other === undefined) {
        first.set(id, name);
        return [];
      }
      return [{ path: [...path, 'id'], message: `the id \`${id}\` is taken by the step "${other}"` }];
    });
  },
};
