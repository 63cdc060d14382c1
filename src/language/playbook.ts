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

export interface Step {
  /** Where it stands in the document; also its identity within the playbook. */
  path: Path;
  name: string;
  id?: string;
  /** ATT&CK technique ids; a step with any is an attack step. */
  attack: string[];
  /** Bare CEL; absent means always. */
  when?: string;
  /** Milliseconds. */
  timeout?: number;
  continueOnError: boolean;
  type: string;
  /** As written, with `${{ }}` in it. */
  body: unknown;
}

export interface Playbook {
  /** Name of the file as the user gave it. */
  file: string;
  metadata: { name: string; title: string; description?: string; risk: Risk };
  inputs: Record<string, Input>;
  /** Named texts that expressions reach as `variables.<name>`; may use inputs, run and variables above them. */
  variables: Record<string, unknown>;
  steps: Step[];
  finally: Step[];
  /** Where in the file the value (or, for a missing one, its nearest parent) stands. */
  spanOf(path: Path): Span;
  /** As spanOf, for the key at the path's end instead of its value. */
  keySpanOf(path: Path): Span;
}
