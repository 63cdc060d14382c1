// Findings at their places: what a schema says of a value, and every expression inside it.
import { checkCel, checkTemplate, type ExpressionProblem, type Names, typeOfTemplate } from './check-expression.ts';
import type { StepLanguage } from './definition.ts';
import type { Diagnostic } from './diagnostic.ts';
import { STEP_KEY_NAMES } from './envelope.ts';
import type { Located } from './located.ts';
import type { Path } from './playbook.ts';
import { checkSchema, type ExpressionPlace, type SchemaProblem } from './schema-check.ts';
import { hasExpression } from './template.ts';
import { entriesOf } from './untyped.ts';

export type Report = (diagnostic: Diagnostic) => void;

/** A schema's problem, where `base` is the path of the value that was checked. */
export function locateProblem(located: Located, { rule, path, key, message, hint }: SchemaProblem, base: Path): Diagnostic {
  const at = [...base, ...path];
  const span = key ? located.keySpanOf(at) : located.spanOf(at);
  return { rule, severity: 'error', message, span, ...(hint === undefined ? {} : { hint }) };
}

export function reportExpression(located: Located, path: Path, problems: readonly ExpressionProblem[], report: Report): void {
  for (const { rule, message, hint, start, end } of problems) {
    report({ rule, severity: 'error', message, span: located.spanWithin(path, start, end), ...(hint === undefined ? {} : { hint }) });
  }
}

export function checkStepBody(located: Located, body: unknown, path: Path, type: StepLanguage, names: Names, report: Report): void {
  const { problems, places } = checkSchema(type.schema, body, {
    name: `\`${type.type}\``,
    expressions: true,
    typeOf: (text) => typeOfTemplate(text, names),
  });
  for (const problem of problems) report(locateProblem(located, withStepKey(problem, type), path));
  checkExpressions(
    located,
    body,
    path,
    { relative: [], key: '', places: Map.groupBy(places, ({ path: place }) => place.map((part) => `/${part}`).join('')), names },
    report,
  );
}

/** A key of the step itself that stands in the body. */
function withStepKey(problem: SchemaProblem, { type }: StepLanguage): SchemaProblem {
  const [key, ...deeper] = problem.path;
  if (problem.rule !== 'unknown-key' || deeper.length > 0 || !STEP_KEY_NAMES.includes(String(key))) return problem;
  return { ...problem, hint: `it belongs to the step: write it beside \`${type}\`` };
}

interface Context {
  /** Path within the body. */
  relative: Path;
  /** The same with a slash before each part. */
  key: string;
  /** Marked places by such a path. */
  places: ReadonlyMap<string, ExpressionPlace[]>;
  names: Names;
}

/** Inputs, and the facts of the run: a plan knows them. */
const knownBefore = ({ inputs, run }: Names): Names => ({ ...(inputs && { inputs }), ...(run && { run }) });

export function checkExpressions(located: Located, value: unknown, base: Path, context: Context, report: Report): void {
  const { relative, key: ownKey, places, names } = context;
  const here = places.get(ownKey);
  const cel = here?.find(({ mode }) => mode === 'cel');
  const inner: Context = here?.some(({ mode }) => mode === 'inputs')
    ? { ...context, names: { ...knownBefore(names), because: 'what is created or contacted must be known before the run' } }
    : context;
  if (typeof value === 'string' && cel !== undefined) {
    const usable = cel.variables === undefined ? names : { other: cel.variables };
    // Bare CEL in a body is a condition everywhere.
    reportExpression(located, [...base, ...relative], checkCel(value, usable, { condition: true }), report);
  } else if (typeof value === 'string') {
    const problems = checkTemplate(value, inner.names);
    if (problems.length > 0) reportExpression(located, [...base, ...relative], problems, report);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of entriesOf(value)) {
      const below = { relative: [...relative, key], key: `${ownKey}/${key}`, places, names: inner.names };
      checkExpressions(located, item, base, below, report);
    }
  }
}

/** Where expressions are not evaluated, `${{ }}` is a mistake. */
export function refuseExpressions(located: Located, value: unknown, path: Path, report: Report): void {
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
