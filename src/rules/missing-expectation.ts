// An attack that no expectation speaks of: nobody would learn whether it was seen.
import type { Playbook, Step } from '../language/playbook.ts';
import { allSteps, techniquesOf } from '../language/step-tree.ts';
import { expectationsIn, type Rule, type RuleContext } from './rule.ts';

export const missingExpectation: Rule = {
  id: 'missing-expectation',
  severity: 'info',
  summary: 'Each attack step raises an alert that some expectation names, or shares its techniques with one that does.',
  why: `An attack without an expectation is carried out, and then nothing is concluded from it: a detector that is blind to it stays unnoticed.

Name the alert that it should raise; where it must stay silent, say so with \`count: 0\`. A step whose techniques all belong to attacks that are judged elsewhere in the playbook needs none of its own: it is another road to the same behaviour. A playbook that expects no alert at all is told so once.`,
  check(playbook, context) {
    // What uses a template says what it expects.
    if (playbook.kind === 'StepTemplate') return [];
    // An expectation of a step that does not exist may be the one that is missing; that the id is unknown is told elsewhere.
    const ids = new Set(allSteps(playbook).map(({ id }) => id));
    if (expectationsIn(playbook, context).some(({ expectation: { of = [] } }) => of.some((id) => !ids.has(id)))) return [];
    const attacks = allSteps(playbook).filter((step) => techniquesOf(step).length > 0);
    const judged = new Set(judgedSteps(playbook, context));
    const techniques = new Set([...judged].flatMap(techniquesOf));
    const open = attacks.filter((step) => !judged.has(step) && !techniquesOf(step).every((id) => techniques.has(id)));
    const isNoneJudged = expectationsIn(playbook, context).length === 0;
    return (isNoneJudged ? open.slice(0, 1) : open).map(({ path, attack }) => ({
      path: [...path, attack.length > 0 ? 'attack' : 'uses'],
      key: true,
      message: isNoneJudged ? 'the playbook attacks, but expects no alert' : 'no expectation speaks of this attack',
      hint: 'add a step with the alert that it should raise',
    }));
  },
};

/** The attack steps that some expectation belongs to: those that it names, or the nearest before it. */
function judgedSteps(playbook: Playbook, context: RuleContext): Step[] {
  const expectations = Map.groupBy(expectationsIn(playbook, context), ({ step }) => step);
  const attacks = new Map<string | undefined, Step>();
  let nearest: Step[] = [];
  return allSteps(playbook).flatMap((step) => {
    if (techniquesOf(step).length > 0) {
      attacks.set(step.id, step);
      nearest = [step];
    }
    return (expectations.get(step) ?? []).flatMap(({ expectation: { of } }) => {
      return of === undefined ? nearest : of.flatMap((id) => attacks.get(id) ?? []);
    });
  });
}
