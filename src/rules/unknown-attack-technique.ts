// A technique id that ATT&CK does not have, or has given up.

import { formerTechniqueOf, techniqueOf, techniques } from '../language/attack.ts';
import { ATTACK_VERSION } from '../language/attack-data.ts';
import type { Path, Playbook, Step } from '../language/playbook.ts';
import { allSteps } from '../language/step-tree.ts';
import { nearest } from '../language/suggest.ts';
import type { Rule, RuleFinding } from './rule.ts';

export const unknownAttackTechnique: Rule = {
  id: 'unknown-attack-technique',
  severity: 'warning',
  eachStep: true,
  summary: `Each technique of \`attack\` is in use in ATT&CK Enterprise ${ATTACK_VERSION}, the version that \`sim\` is pinned to.`,
  why: `Reports, the coverage table and other people's tools join on these ids. One that does not exist joins with nothing; one that ATT&CK has given up splits the coverage of one technique in two.

Look the behaviour up in the [Containers matrix](https://attack.mitre.org/matrices/enterprise/containers/). Where an id has a successor, \`sim lint --fix\` takes it.`,
  check(playbook) {
    return allSteps(playbook).flatMap((step) =>
      step.attack.flatMap((id, index) => judge(playbook, step, id, [...step.path, 'attack', index])),
    );
  },
};

function judge(playbook: Playbook, { attack }: Step, id: string, path: Path): RuleFinding[] {
  if (techniqueOf(id) !== undefined) return [];
  const former = formerTechniqueOf(id);
  if (former === undefined) {
    // An unknown sub-technique of a known technique: that one is nearer than any other number.
    const parent = techniqueOf(id.split('.')[0] ?? '');
    const meant = parent ?? techniqueOf(nearest(id, techniques().keys()) ?? '');
    const hint = meant === undefined ? {} : { hint: `did you mean \`${meant.id}\` (${meant.name})?` };
    return [{ path, message: `ATT&CK ${ATTACK_VERSION} has no technique \`${id}\``, ...hint }];
  }
  const { name, successor } = former;
  const message = `ATT&CK has given up the technique \`${id}\` (${name})`;
  if (successor === undefined) return [{ path, message, hint: 'nothing took its place: name the technique that describes the step best' }];
  if (attack.includes(successor)) return [{ path, message, hint: `\`${successor}\`, its successor, stands here already: remove it` }];
  const hint = `did you mean its successor \`${successor}\` (${techniqueOf(successor)?.name})?`;
  return [{ path, message, hint, fix: [{ ...playbook.spanOf(path), text: successor }] }];
}
