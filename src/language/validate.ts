// Checks a playbook in two passes: the frame, then each step's body by the schema of its own type; then every expression.
import { checkCel, checkTemplate, type ExpressionProblem, type Names, RUN_FACTS } from './check-expression.ts';
import type { StepLanguage } from './definition.ts';
import type { Diagnostic } from './diagnostic.ts';
import { envelopeSchema, STEP_KEY_NAMES } from './envelope.ts';
import { inputProblem } from './inputs.ts';
import type { Located } from './located.ts';
import type { Input, Path } from './playbook.ts';
import { patternProblem } from './regex.ts';
import { checkSchema, type ExpressionPlace, type SchemaProblem } from './schema-check.ts';
import { hasExpression } from './template.ts';

type Mapping = Record<string, unknown>;
type Report = (diagnostic: Diagnostic) => void;

const isMap = (value: unknown): value is Mapping => typeof value === 'object' && value !== null && !Array.isArray(value);
const entriesOf = (value: unknown): [string | number, unknown][] =>
  Array.isArray(value) ? [...value.entries()] : isMap(value) ? Object.entries(value) : [];
const mapAt = (value: unknown, key: string): Mapping => (isMap(value) && isMap(value[key]) ? value[key] : {});
const listAt = (value: unknown, key: string): unknown[] => (isMap(value) && Array.isArray(value[key]) ? value[key] : []);

/** Everything that is wrong with a playbook, as far as one file and the step types can tell. */
export function validate(located: Located, stepTypes: readonly StepLanguage[]): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const report: Report = (diagnostic) => diagnostics.push(diagnostic);
  const { value } = located;
  if (!isMap(value)) {
    report({
      rule: 'wrong-type',
      severity: 'error',
      message: 'a playbook must be a map with `apiVersion`, `kind`, `metadata` and `steps`',
      span: located.spanOf([]),
    });
    return diagnostics;
  }
  const { problems } = checkSchema(envelopeSchema(stepTypes), value, { name: 'the playbook', expressions: false });
  for (const problem of problems) report(locateProblem(located, problem, []));
  checkInputs(located, mapAt(value, 'inputs'), report);
  checkVariables(located, value, report);
  checkSteps(located, value, stepTypes, report);
  for (const key of ['apiVersion', 'kind', 'metadata', 'inputs']) refuseExpressions(located, value[key], [key], report);
  return diagnostics;
}

function locateProblem(located: Located, { rule, path, key, message, hint }: SchemaProblem, base: Path): Diagnostic {
  const at = [...base, ...path];
  const span = key ? located.keySpanOf(at) : located.spanOf(at);
  return { rule, severity: 'error', message, span, ...(hint === undefined ? {} : { hint }) };
}

function reportExpression(located: Located, path: Path, problems: readonly ExpressionProblem[], report: Report): void {
  for (const { rule, message, hint, start, end } of problems) {
    report({ rule, severity: 'error', message, span: located.spanWithin(path, start, end), ...(hint === undefined ? {} : { hint }) });
  }
}

function checkInputs(located: Located, inputs: Mapping, report: Report): void {
  for (const [name, input] of Object.entries(inputs)) {
    if (!isMap(input) || input.default === undefined || typeof input.type !== 'string') continue;
    if (typeof input.pattern === 'string' ? patternProblem(input.pattern) !== undefined : input.pattern !== undefined) continue;
    const problem = inputProblem({ ...input, values: listAt(input, 'values') } as Input, input.default);
    if (problem === undefined) continue;
    report({
      rule: 'wrong-value',
      severity: 'error',
      message: `the default of \`${name}\` ${problem}`,
      span: located.spanOf(['inputs', name, 'default']),
    });
  }
}

function checkVariables(located: Located, playbook: Mapping, report: Report): void {
  const inputs = Object.keys(mapAt(playbook, 'inputs'));
  const variables = mapAt(playbook, 'variables');
  const later = new Set(Object.keys(variables));
  const above: string[] = [];
  for (const [name, text] of Object.entries(variables)) {
    if (typeof text === 'string' && hasExpression(text)) {
      const usable: Names = { inputs, run: RUN_FACTS, variables: above, later, because: 'variables are known before the first step' };
      reportExpression(located, ['variables', name], checkTemplate(text, usable), report);
    }
    above.push(name);
  }
}

function checkSteps(located: Located, playbook: Mapping, stepTypes: readonly StepLanguage[], report: Report): void {
  const inputs = Object.keys(mapAt(playbook, 'inputs'));
  const variables = Object.keys(mapAt(playbook, 'variables'));
  const all = ['steps', 'finally'].flatMap((list) => listAt(playbook, list).map((step, index) => ({ step, path: [list, index] as Path })));
  const later = new Set(all.flatMap(({ step }) => (isMap(step) && typeof step.id === 'string' ? [step.id] : [])));
  const steps = new Map<string, readonly string[]>();
  for (const { step, path } of all) {
    if (!isMap(step)) continue;
    const names: Names = { inputs, variables, run: RUN_FACTS, steps, later };
    if (typeof step.when === 'string') reportExpression(located, [...path, 'when'], checkCel(step.when, names), report);
    for (const key of STEP_KEY_NAMES) if (key !== 'when') refuseExpressions(located, step[key], [...path, key], report);
    const type = checkType(located, step, path, stepTypes, report);
    if (type !== undefined) checkStepBody(located, step[type.type], [...path, type.type], type, names, report);
    if (typeof step.id === 'string') steps.set(step.id, Object.keys(type?.outputs ?? {}));
  }
}

/** The one step type that the step names; reports none or several. */
function checkType(
  located: Located,
  step: Mapping,
  path: Path,
  stepTypes: readonly StepLanguage[],
  report: Report,
): StepLanguage | undefined {
  const types = stepTypes.filter(({ type }) => Object.hasOwn(step, type));
  const [first, second] = types;
  if (first === undefined) {
    // A misspelt type is an unknown key already, and that says more.
    if (Object.keys(step).every((key) => STEP_KEY_NAMES.includes(key))) {
      const hint = `a step has exactly one of ${stepTypes
        .map(({ type }) => `\`${type}\``)
        .sort()
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
    const order = Object.keys(step).filter((key) => types.some(({ type }) => type === key));
    const message = `a step does one thing, but this has ${order.map((key) => `\`${key}\``).join(' and ')}`;
    report({
      rule: 'step-type',
      severity: 'error',
      message,
      hint: 'make two steps of it',
      span: located.keySpanOf([...path, order[1] ?? '']),
    });
    return undefined;
  }
  return first;
}

function checkStepBody(located: Located, body: unknown, path: Path, type: StepLanguage, names: Names, report: Report): void {
  const { problems, places } = checkSchema(type.schema, body, { name: `\`${type.type}\``, expressions: true });
  for (const problem of problems) report(locateProblem(located, problem, path));
  checkExpressions(
    located,
    body,
    path,
    { relative: [], places: Map.groupBy(places, (place) => JSON.stringify(place.path)), names },
    report,
  );
}

interface Context {
  /** Path within the body. */
  relative: Path;
  /** Marked places by their path within the body, as JSON. */
  places: ReadonlyMap<string, ExpressionPlace[]>;
  names: Names;
}

function checkExpressions(located: Located, value: unknown, base: Path, context: Context, report: Report): void {
  const { relative, places, names } = context;
  const here = places.get(JSON.stringify(relative)) ?? [];
  const cel = here.find(({ mode }) => mode === 'cel');
  const inner: Context = here.some(({ mode }) => mode === 'inputs')
    ? { ...context, names: { inputs: names.inputs ?? [], because: 'what is created or contacted must be known before the run' } }
    : context;
  const path = [...base, ...relative];
  if (typeof value === 'string' && cel !== undefined) {
    const usable = cel.variables === undefined ? names : { other: cel.variables };
    reportExpression(located, path, checkCel(value, usable), report);
  } else if (typeof value === 'string') {
    if (hasExpression(value)) reportExpression(located, path, checkTemplate(value, inner.names), report);
  } else {
    for (const [key, item] of entriesOf(value)) checkExpressions(located, item, base, { ...inner, relative: [...relative, key] }, report);
  }
}

/** Where expressions are not evaluated, `${{ }}` is a mistake. */
function refuseExpressions(located: Located, value: unknown, path: Path, report: Report): void {
  if (typeof value === 'string' && hasExpression(value)) {
    const start = value.indexOf('${{');
    const end = value.indexOf('}}', start);
    const span = located.spanWithin(path, start, end === -1 ? start + 3 : end + 2);
    report({
      rule: 'invalid-expression',
      severity: 'error',
      message: 'expressions are not evaluated here',
      span,
      hint: 'they work in `variables` and in the body of a step',
    });
  } else for (const [key, item] of entriesOf(value)) refuseExpressions(located, item, [...path, key], report);
}
