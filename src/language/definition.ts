// What the language needs to know of a step type, to check and document it without running it.
import type { FileReference } from './references.ts';

/**
 * JSON Schema, draft 2020-12, without `$ref`: shared parts (durationSchema, matcherSchema) are spread in. Ours are the keywords `x-expression`
 * and `x-variables` (see StepLanguage.schema), `x-says` (what a pattern or `not` asks for, ready to follow the name of the key), `x-example` (a value
 * that fits, as YAML in one line), `x-instead` (hints for keys or values of other tools, by their word), and the formats `kubesim-duration` and `kubesim-regex`. Give each property a description.
 */
export type JsonSchema = { readonly [keyword: string]: unknown } | boolean;

/** Type of an output, as expressions see it. */
export type OutputType = 'string' | 'int' | 'double' | 'bool' | 'map' | 'list' | 'dyn';

export interface StepLanguage {
  /** The step's key in a playbook, kebab-case. */
  readonly type: string;
  /** What the step does, one sentence: editors, `sim explain` and the reference show it. */
  readonly summary: string;
  /** What other tools call it, for those who look for it under that name. */
  readonly otherNames?: readonly string[];
  /**
   * Schema of the step's body. `x-expression: cel` marks bare CEL, `x-expression: inputs` a value whose `${{ }}` may use inputs only (with all
   * that is inside it). `x-variables: [names]` beside `x-expression: cel` names what that CEL reads instead of inputs, variables, steps and run.
   */
  readonly schema: JsonSchema;
  /** What it yields as `steps.<id>.<name>`. */
  readonly outputs: Readonly<Record<string, { type: OutputType; description: string }>>;
  /** A whole playbook that shows the step; a test loads it, the cluster tests run it. */
  readonly example: string;
  /** Files that a body names, for lint to look at; the body is as written, and may hold expressions. */
  references?(body: unknown): FileReference[];
  /** Programs that a body runs in a pod, likewise. */
  commands?(body: unknown): CommandLine[];
  /** Objects that a body writes out, and that a run judges before it creates them, likewise. */
  written?(body: unknown): WrittenObject[];
  /** Changes that a body asks for, of objects that are there already, likewise. */
  changes?(body: unknown): WrittenChange[];
}

/**
 * A program as its words, with what it reads from standard input, or a script with the program that reads it (absent: a shell); `path` is the place
 * of the words or of the script within the body.
 */
export type CommandLine = { path: readonly (string | number)[] } & (
  | { argv: readonly string[]; stdin?: { path: readonly (string | number)[]; text: string } }
  | { script: string; interpreter?: string }
);

/** An object of Kubernetes with its place within the body; it has an `apiVersion` and a `kind`. */
export interface WrittenObject {
  path: readonly (string | number)[];
  object: Readonly<Record<string, unknown>>;
}

/** What a request would change: one object, or with `name` absent all of a kind. `namespace` absent: outside of namespaces. */
export interface Change {
  apiVersion: string;
  kind: string;
  namespace?: string;
  name?: string;
}

/** A change with the places within the body of what names the object, and of what is made of it; without `content` the object is deleted. */
export interface WrittenChange {
  path: readonly (string | number)[];
  change: Change;
  content?: WrittenObject;
}
