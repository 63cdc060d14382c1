// What a list of scenarios says of one.
import { tactics } from '../language/attack.ts';
import type { Playbook, Risk, Step, StepList } from '../language/playbook.ts';
import type { Definitions } from './definitions.ts';

export interface Scenario {
  file: string;
  name: string;
  title: string;
  description?: string;
  risk: Risk;
  /** Names of ATT&CK tactics. */
  tactics: string[];
  /** Ids of ATT&CK techniques. */
  techniques: string[];
  /** Ids of the alerts that are expected. */
  alerts: string[];
  inputs: string[];
  steps: number;
}

export function scenarioOf(playbook: Playbook, { steps: definitions, techniqueOf }: Pick<Definitions, 'steps' | 'techniqueOf'>): Scenario {
  const steps = stepsOf(playbook);
  const techniques = [...new Set(steps.flatMap(({ attack }) => attack))].sort();
  const expected = steps.flatMap(({ type, body }) => definitions.find((each) => each.type === type)?.expects?.(body) ?? []);
  const named = new Set(techniques.flatMap((id) => techniqueOf(id)?.tactics ?? []));
  return {
    file: playbook.file,
    ...playbook.metadata,
    // In the order of the matrix.
    tactics: tactics.map(({ name }) => name).filter((name) => named.has(name)),
    techniques,
    // Where none may come, none is expected.
    alerts: [...new Set(expected.filter(({ count }) => count !== 0).map(({ alert }) => alert))],
    inputs: Object.keys(playbook.inputs),
    steps: steps.length,
  };
}

/** All steps, those of the files that it uses included; what only holds others is not counted. */
function stepsOf({ steps, finally: last }: Pick<StepList, 'steps' | 'finally'>): Step[] {
  return [...steps, ...last].flatMap((step): Step[] => {
    if (step.parallel !== undefined) return stepsOf({ steps: step.parallel, finally: [] });
    if (step.uses === undefined) return [step];
    const inner = stepsOf(step.uses.definition);
    // What the step says of itself holds for what it uses.
    return step.attack.length === 0 ? inner : inner.map((each) => ({ ...each, attack: step.attack }));
  });
}
