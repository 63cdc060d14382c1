// An alert id that the catalogue does not have.
import { nearest } from '../language/suggest.ts';
import { hasExpression } from '../language/template.ts';
import { expectationsIn, type Rule } from './rule.ts';

export const unknownAlert: Rule = {
  id: 'unknown-alert',
  severity: 'error',
  eachStep: true,
  summary: 'Expected alerts are named by their id in the alerts/ catalogue.',
  why: `The catalogue holds each behaviour's name in every product. An id that it does not have can match no alert, so that the expectation would always be missed.

Pick one with \`sim list --alerts\`, or add an entry to alerts/.`,
  check(playbook, context) {
    const { catalogue } = context;
    if (catalogue === undefined) return [];
    return expectationsIn(playbook, context).flatMap(({ base, expectation: { alert } }) => {
      if (hasExpression(alert) || catalogue.includes(alert)) return [];
      const meant = nearest(alert, catalogue);
      const hint =
        meant === undefined ? `the catalogue has ${catalogue.length} alerts: the files in alerts/` : `did you mean \`${meant}\`?`;
      return [{ path: [...base, 'alert'], message: `the catalogue has no alert \`${alert}\``, hint }];
    });
  },
};
