// What a judge says of an object that a playbook wants to create.
import type { KubernetesObject } from '../ports/cluster.ts';

/** Keys and indexes from the object's root. */
export type Path = readonly (string | number)[];

export interface Problem {
  /** A sentence without a subject. */
  says: string;
  /** What it is about, [] being the whole object: where that is known it holds, whatever stands elsewhere. */
  path: Path;
}

/** What no playbook may have, and what only one with `risk: high` may. */
export interface Judgement {
  never: Problem[];
  high: Problem[];
}

export const nothing: Judgement = { never: [], high: [] };

/** What a playbook of this risk must not have, each in a whole sentence: lint and run say it in the same words. */
export function refused({ kind, metadata }: KubernetesObject, { never, high }: Judgement, risk: 'low' | 'high') {
  const told = ({ says, path }: Problem, more = ''): Problem => ({
    says: `${kind} ${metadata.name ?? '(without a name)'}: ${says}${more}`,
    path,
  });
  return {
    never: never.map((problem) => told(problem)),
    high: risk === 'high' ? [] : high.map((problem) => told(problem, ", which needs `risk: high` in the playbook's metadata")),
  };
}
