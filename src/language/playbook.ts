// A playbook after loading: checked, but its expressions not yet evaluated.
import type { Span } from './diagnostic.ts';

/** Keys and indexes from the document's root, e.g. ["steps", 2, "exec", "command"]. */
export type Path = readonly (string | number)[];

export type Risk = 'low' | 'high';
export type InputType = 'string' | 'integer' | 'number' | 'boolean' | 'duration' | 'enum' | 'secret';

export interface Input {
  type: InputType;
  description?: string;
  default?: unknown;
  /** Values of an enum. */
  values?: string[];
  pattern?: string;
}

/** How often a step that fails is tried, and until when. */
export interface Retry {
  /** All attempts, the first included. */
  attempts: number;
  /** Milliseconds before the second attempt; each later pause is `backoff` times the one before. */
  delay: number;
  backoff: number;
  /** Bare CEL over what an attempt yielded (`outputs`) and the usual names; absent: until the step succeeds. */
  until?: string;
}

/** How often a step is done, for detectors that learn. */
export interface Repeat {
  times: number;
  /** Milliseconds from the end of one execution to the start of the next. */
  every: number;
}

export interface Step {
  /** Where it stands in its document. */
  path: Path;
  name: string;
  id?: string;
  /** ATT&CK technique ids; a step with any is an attack step. */
  attack: string[];
  /** Bare CEL; absent means always. */
  when?: string;
  /** Milliseconds that one attempt may take. */
  timeout?: number;
  retry?: Retry;
  repeat?: Repeat;
  continueOnError: boolean;
  /** Key of the step's type; `parallel` and `uses` where it only holds other steps. */
  type: string;
  /** As written, with `${{ }}` in it. */
  body: unknown;
  /** Steps that run together. */
  parallel?: Step[];
  /** The steps of another file. */
  uses?: Use;
}

/** What a step with `uses` runs. */
export interface Use {
  /** Values of the file's inputs, as written. */
  with: Record<string, unknown>;
  definition: StepList;
}

/** Steps with their own inputs, variables and outputs: what a playbook and a file that steps use have in common. */
export interface StepList {
  kind: Kind;
  /** Name of the file as the user gave it, or its path from the folder of the playbook that uses it. */
  file: string;
  /** Where its relative paths start, as a path from the folder of the playbook that was asked for; '' is that folder. */
  folder: string;
  metadata: { name: string; title: string; description?: string; risk: Risk };
  inputs: Record<string, Input>;
  /** Named texts that expressions reach as `variables.<name>`; may use inputs, run and variables above them. */
  variables: Record<string, unknown>;
  /** Milliseconds that all its steps may take together. */
  timeout: number;
  steps: Step[];
  finally: Step[];
  /** What whoever uses the file reads as `steps.<id>.<name>`. */
  outputs: Record<string, unknown>;
}

/** A Playbook can be run and used; a StepTemplate only used. */
export type Kind = 'Playbook' | 'StepTemplate';

export interface Playbook extends StepList {
  /** As it is written. */
  text: string;
  /** Where in the file the value (or, for a missing one, its nearest parent) stands. */
  spanOf(path: Path): Span;
  /** As spanOf, for the key at the path's end instead of its value. */
  keySpanOf(path: Path): Span;
  /** Part of a text value, by offsets into the text as read. */
  spanWithin(path: Path, start: number, end: number): Span;
}
