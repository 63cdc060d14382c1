// A frame: the steps of one file while they run, with what their expressions can read.

import { evaluate, resolveVariables, type Scope } from '../language/expression.ts';
import { resolveInputs } from '../language/inputs.ts';
import type { Step, StepList } from '../language/playbook.ts';
import { techniquesOf } from '../language/step-tree.ts';
import { Failure } from '../ports/failure.ts';
import { keyOf, type StepFacts } from './events.ts';
import type { ContextForRun } from './run-step.ts';

export interface Frame {
  list: StepList;
  /** Before the key of each of its steps: '', or "steps.2/" in the file that steps.2 uses. */
  prefix: string;
  scope: Scope;
  /** Filled as steps yield; the scope reads from it. */
  outputs: Record<string, Record<string, unknown>>;
  context: ContextForRun;
  /** Milliseconds for each step that names no limit: those of the step that uses the file. */
  timeout?: number;
}

/** The frame of the playbook itself. Throws ExpressionError. */
export function outerFrame(list: StepList, inputs: Record<string, unknown>, context: ContextForRun): Frame {
  const outputs: Frame['outputs'] = Object.create(null);
  const { run } = context;
  const scope: Scope = { inputs, variables: resolveVariables(list.variables, { inputs, run }), run, steps: outputs };
  return { list, prefix: '', scope, outputs, context };
}

/** The frame of the file that a step uses. Throws ExpressionError, and Failure invalid where a value does not fit its input. */
export function frameOf(step: Step, outer: Frame, folder: string): Frame {
  const { with: given, definition } = step.uses as NonNullable<Step['uses']>;
  const { values, problems } = resolveInputs(definition, evaluate(given, outer.scope) as Record<string, unknown>);
  if (problems.length > 0) throw new Failure('invalid', `${definition.file}: ${problems.join('; ')}`);
  const context = { ...outer.context, folder: definition.folder === '' ? folder : `${folder}/${definition.folder}` };
  const timeout = step.timeout ?? outer.timeout;
  const prefix = `${outer.prefix}${keyOf(step.path)}/`;
  return { ...outerFrame(definition, values, context), prefix, ...(timeout === undefined ? {} : { timeout }) };
}

export function factsOf(step: Step, { prefix }: Pick<Frame, 'prefix'>): StepFacts {
  const { path, name, id, type } = step;
  return {
    key: `${prefix}${keyOf(path)}`,
    name,
    ...(id === undefined ? {} : { id }),
    attack: techniquesOf(step),
    kind: type,
    ...(prefix === '' ? {} : { within: prefix.slice(0, -1) }),
  };
}
