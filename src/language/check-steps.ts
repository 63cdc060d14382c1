// Checks the steps of one file, in their order: each frame, its type, its body, and what later steps may read of it.
import { checkCel, type Names, RUN_FACTS, type Types } from './check-expression.ts';
import { checkExpressions, checkStepBody, locateProblem, type Report, refuseExpressions, reportExpression } from './check-places.ts';
import { checkUse, type Used } from './check-use.ts';
import type { StepLanguage } from './definition.ts';
import { GROUP_KEYS, oneStepSchema, STEP_KEY_NAMES } from './envelope.ts';
import { inputTypes, variableTypes } from './input-types.ts';
import type { Located } from './located.ts';
import type { Path } from './playbook.ts';
import { checkSchema } from './schema-check.ts';
import { isMap, listAt, type Mapping, mapAt } from './untyped.ts';

/** What validation knows beside the file. */
export interface Surroundings {
  stepTypes: readonly StepLanguage[];
  /** The file at a path, as it is written after `uses`. */
  use(path: string): Used;
}

/** What the steps of one file have in common, for checking. */
interface Checking extends Surroundings {
  located: Located;
  /** Ids of the file's steps, wherever they stand. */
  later: ReadonlySet<string>;
  names: Pick<Names, 'inputs' | 'variables' | 'run'>;
  /** Risk that the file declares. */
  risk: unknown;
  report: Report;
}

type Outputs = Map<string, Types>;

export function checkSteps(located: Located, playbook: Mapping, surroundings: Surroundings, report: Report): void {
  const inputs = inputTypes(playbook);
  const names = { inputs, variables: variableTypes(playbook, inputs), run: RUN_FACTS };
  const later = new Set(['steps', 'finally'].flatMap((list) => idsIn(listAt(playbook, list))));
  const checking: Checking = { ...surroundings, located, later, names, risk: mapAt(playbook, 'metadata').risk, report };
  const steps: Outputs = new Map();
  for (const list of ['steps', 'finally'])
    for (const [index, step] of listAt(playbook, list).entries())
      for (const [id, outputs] of checkStep(step, [list, index], steps, checking)) steps.set(id, outputs);
  checkExpressions(
    located,
    playbook.outputs,
    ['outputs'],
    { relative: [], key: '', places: new Map(), names: { ...names, steps, later } },
    report,
  );
}

const idsIn = (steps: readonly unknown[]): string[] =>
  steps.flatMap((step) => (isMap(step) ? [...(typeof step.id === 'string' ? [step.id] : []), ...idsIn(listAt(step, 'parallel'))] : []));

/** Checks a step, and gives what later steps may read of it and of the steps inside it. */
function checkStep(step: unknown, path: Path, before: Outputs, checking: Checking): Outputs {
  const { located, stepTypes, report, later } = checking;
  const { problems } = checkSchema(oneStepSchema(stepTypes), step, { name: 'a step', expressions: false });
  for (const problem of problems) report(locateProblem(located, problem, path));
  if (!isMap(step)) return new Map();
  const names: Names = { ...checking.names, steps: before, later };
  if (typeof step.when === 'string') reportExpression(located, [...path, 'when'], checkCel(step.when, names, { condition: true }), report);
  for (const key of STEP_KEY_NAMES) if (key !== 'when') refuseExpressions(located, step[key], [...path, key], report);
  const kind = checkKind(step, path, checking);
  const outputs: Outputs = new Map();
  let own: Types = new Map();
  if (kind === 'parallel')
    // They start together: none of them can read what another yields.
    for (const [index, inside] of listAt(step, 'parallel').entries())
      for (const [id, yielded] of checkStep(inside, [...path, 'parallel', index], before, checking)) outputs.set(id, yielded);
  else if (kind === 'uses') own = checkUse(step, path, names, checking);
  else if (kind !== undefined) {
    const type = stepTypes.find((each) => each.type === kind) as StepLanguage;
    checkStepBody(located, step[kind], [...path, kind], type, names, report);
    own = new Map(Object.entries(type.outputs).map(([name, output]) => [name, output.type]));
  }
  const until = mapAt(step, 'retry').until;
  if (typeof until === 'string')
    reportExpression(located, [...path, 'retry', 'until'], checkCel(until, { ...names, outputs: own }, { condition: true }), report);
  if (typeof step.id === 'string') outputs.set(step.id, own);
  return outputs;
}

/** The one key that says what the step does; reports none or several. */
function checkKind(step: Mapping, path: Path, { located, stepTypes, report }: Checking): string | undefined {
  const kinds: string[] = [...stepTypes.map(({ type }) => type), ...GROUP_KEYS];
  const present = Object.keys(step).filter((key) => kinds.includes(key));
  const [first, second] = present;
  if (first === undefined) {
    // A misspelt type is an unknown key already, and that says more.
    if (Object.keys(step).every((key) => STEP_KEY_NAMES.includes(key))) {
      const hint = `a step has exactly one of ${[...kinds]
        .sort()
        .map((kind) => `\`${kind}\``)
        .join(', ')}`;
      report({
        rule: 'step-type',
        severity: 'error',
        message: 'the step does nothing: the key of its type is missing',
        hint,
        span: located.keySpanOf(path),
      });
    }
    return undefined;
  }
  if (second !== undefined) {
    const message = `a step does one thing, but this has ${present.map((key) => `\`${key}\``).join(' and ')}`;
    report({ rule: 'step-type', severity: 'error', message, hint: 'make two steps of it', span: located.keySpanOf([...path, second]) });
    return undefined;
  }
  return first;
}
