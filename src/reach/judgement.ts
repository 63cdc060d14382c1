// What a judge says of an object that a playbook wants to create in the run's namespace.

/** Sentences without a subject: what no playbook may have, and what only one with `risk: high` may. */
export interface Judgement {
  never: string[];
  high: string[];
}
