// What a list of scenarios says of one.
import type { Playbook, Risk } from '../language/playbook.ts';
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
  const steps = [...playbook.steps, ...playbook.finally];
  const techniques = [...new Set(steps.flatMap(({ attack }) => attack))].sort();
  const expected = steps.flatMap(({ type, body }) => definitions.find((each) => each.type === type)?.expects?.(body) ?? []);
  return {
    file: playbook.file,
    ...playbook.metadata,
    tactics: [...new Set(techniques.flatMap((id) => techniqueOf(id)?.tactics ?? []))],
    techniques,
    // Where none may come, none is expected.
    alerts: [...new Set(expected.filter(({ count }) => count !== 0).map(({ alert }) => alert))],
    inputs: Object.keys(playbook.inputs),
    steps: steps.length,
  };
}
