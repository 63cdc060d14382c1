// Walking steps that hold other steps.
import type { Step, StepList } from './playbook.ts';

/** All steps of one file in the order in which they run, each group (`parallel`) before the steps inside it. */
export const allSteps = (list: Pick<StepList, 'steps' | 'finally'>): Step[] =>
  [...list.steps, ...list.finally].flatMap(function withInside(step): Step[] {
    return [step, ...(step.parallel ?? []).flatMap(withInside)];
  });

/** ATT&CK techniques of a step: its own, else those of the steps of the file that it uses. */
export function techniquesOf(step: Step): string[] {
  if (step.attack.length > 0 || step.uses === undefined) return step.attack;
  return [...new Set(allSteps(step.uses.definition).flatMap(techniquesOf))];
}
