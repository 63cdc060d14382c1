// Walking steps that hold other steps.
import type { Step, StepList } from './playbook.ts';

/** All steps of one file in the order in which they run, each group (`parallel`) before the steps inside it. */
export const allSteps = (list: Pick<StepList, 'steps' | 'finally'>): Step[] =>
  [...list.steps, ...list.finally].flatMap(function withInside(step): Step[] {
    return [step, ...(step.parallel ?? []).flatMap(withInside)];
  });

/** A file may be used by many, and they by many: each is read once. */
const techniquesOfFile = new WeakMap<StepList, string[]>();

/** ATT&CK techniques of a step: its own, else those of the steps of the file that it uses. */
export function techniquesOf({ attack, uses }: Step): string[] {
  if (attack.length > 0 || uses === undefined) return attack;
  const known = techniquesOfFile.get(uses.definition);
  if (known !== undefined) return known;
  const found = [...new Set(allSteps(uses.definition).flatMap(techniquesOf))];
  techniquesOfFile.set(uses.definition, found);
  return found;
}
