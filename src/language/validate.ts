// Checks a playbook in two passes: the frame, then each step's body by the schema of its own type; then every expression.
import { checkTemplate, type Names, RUN_FACTS } from './check-expression.ts';
import { locateProblem, type Report, refuseExpressions, reportExpression } from './check-places.ts';
import { checkSteps, type Surroundings } from './check-steps.ts';
import type { OutputType } from './definition.ts';
import type { Diagnostic } from './diagnostic.ts';
import { API_VERSION, envelopeSchema, FORMER_API_VERSION } from './envelope.ts';
import { inputTypes, variableType } from './input-types.ts';
import { inputProblem } from './inputs.ts';
import type { Located } from './located.ts';
import type { Input, Path } from './playbook.ts';
import { patternProblem } from './regex.ts';
import { checkSchema } from './schema-check.ts';
import { isMap, listAt, type Mapping, mapAt } from './untyped.ts';

/** Everything that is wrong with a playbook, as far as it, the files it uses and the step types can tell. */
export function validate(located: Located, surroundings: Surroundings): Diagnostic[] {
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
  const { problems } = checkSchema(envelopeSchema, value, { name: 'the playbook', expressions: false });
  for (const problem of problems) report(withVersion(locateProblem(located, problem, []), problem.path, value));
  checkInputs(located, mapAt(value, 'inputs'), report);
  checkVariables(located, value, report);
  checkSteps(located, value, surroundings, report);
  for (const key of ['apiVersion', 'kind', 'metadata', 'inputs', 'timeout']) refuseExpressions(located, value[key], [key], report);
  return diagnostics;
}

/** A playbook written before the language was frozen needs nothing but the new word. */
function withVersion(diagnostic: Diagnostic, path: Path, { apiVersion }: Mapping): Diagnostic {
  if (path[0] !== 'apiVersion' || apiVersion !== FORMER_API_VERSION) return diagnostic;
  const hint = `the language is frozen as \`${API_VERSION}\`, with the same keys: \`sim lint --fix\` writes it`;
  return { ...diagnostic, hint, fix: [{ ...diagnostic.span, text: API_VERSION }] };
}

function checkInputs(located: Located, inputs: Mapping, report: Report): void {
  for (const [name, input] of Object.entries(inputs)) {
    if (!isMap(input) || input.default === undefined || typeof input.type !== 'string') continue;
    // What is no input itself says nothing about its default.
    if (input.type === 'enum' && !(Array.isArray(input.values) && input.values.every((each) => typeof each === 'string'))) continue;
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
  const inputs = inputTypes(playbook);
  const variables = mapAt(playbook, 'variables');
  const later = new Set(Object.keys(variables));
  const above = new Map<string, OutputType>();
  for (const [name, text] of Object.entries(variables)) {
    const usable: Names = { inputs, run: RUN_FACTS, variables: above, later, because: 'variables are known before the first step' };
    if (typeof text === 'string') reportExpression(located, ['variables', name], checkTemplate(text, usable), report);
    above.set(name, variableType(text, usable));
  }
}
