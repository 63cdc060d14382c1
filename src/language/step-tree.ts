// Walking steps that hold other steps.
import type { Step, StepList } from './playbook.ts';

const known = new WeakMap<object, Step[]>();

/** All steps of one file in the order in which they run, each group (`parallel`) before the steps inside it. The list is not to be changed. */
export function allSteps(list: Pick<StepList, 'steps' | 'finally'>): readonly Step[] {
  const found =
    known.get(list) ??
    [...list.steps, ...list.finally].flatMap(function withInside(step): Step[] {
      return [step, ...(step.parallel ?? []).flatMap(withInside)];
    });
  known.set(list, found);
  return found;
}

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
