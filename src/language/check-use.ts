// Checks what a step gives to the file that it uses.
import { type Names, TYPE_WORDS, type Types, typeOfTemplate } from './check-expression.ts';
import { checkExpressions, type Report } from './check-places.ts';
import { USES_PATTERN } from './envelope.ts';
import { INPUT_TYPES } from './input-types.ts';
import { inputProblem } from './inputs.ts';
import type { Located } from './located.ts';
import type { Input, Path, StepList } from './playbook.ts';
import { hintFor } from './suggest.ts';
import { hasExpression, isOneExpression } from './template.ts';
import { type Mapping, mapAt } from './untyped.ts';

/** What a file that `uses` names gives, or a sentence on why it gives nothing, ready to follow its name. */
export type Used = { definition: StepList } | { problem: string; hint?: string };

/** Where the step stands. */
interface Around {
  located: Located;
  use(path: string): Used;
  /** Risk that the file declares. */
  risk: unknown;
  report: Report;
}

/** Checks what a step gives to the file that it uses, and says what it gets. */
export function checkUse(step: Mapping, path: Path, names: Names, { located, use, risk, report }: Around): Types {
  checkExpressions(located, step.with, [...path, 'with'], { relative: [], key: '', places: new Map(), names }, report);
  if (typeof step.uses !== 'string' || !USES_PATTERN.test(step.uses)) return new Map();
  const find = (rule: string, at: Path, message: string, hint?: string, key = false) =>
    report({
      rule,
      severity: 'error',
      message,
      span: key ? located.keySpanOf(at) : located.spanOf(at),
      ...(hint === undefined ? {} : { hint }),
    });
  const used = use(step.uses);
  if ('problem' in used) {
    find('used-file', [...path, 'uses'], `\`${step.uses}\` ${used.problem}`, used.hint);
    return new Map();
  }
  const { inputs, outputs, metadata } = used.definition;
  if (metadata.risk === 'high' && risk !== 'high')
    find('used-file', [...path, 'uses'], `\`${step.uses}\` is of high risk`, "say `risk: high` in this file's metadata, too");
  const given = mapAt(step, 'with');
  for (const [name, value] of Object.entries(given)) {
    const at = [...path, 'with', name];
    const input = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
    if (input === undefined) {
      const hint = hintFor(name, Object.keys(inputs), 'it has') ?? 'it has no inputs';
      find('unknown-key', at, `\`${step.uses}\` has no input \`${name}\``, hint, true);
    } else {
      const problem = typeof value === 'string' && hasExpression(value) ? typeProblem(input, value, names) : inputProblem(input, value);
      if (problem !== undefined) find('wrong-value', at, `the input \`${name}\` ${problem}`);
    }
  }
  for (const [name, input] of Object.entries(inputs))
    if (input.default === undefined && !Object.hasOwn(given, name))
      find(
        'missing-key',
        [...path, step.with === undefined ? 'uses' : 'with'],
        `\`${step.uses}\` needs its input \`${name}\``,
        `give it in \`with\`${input.description === undefined ? '' : `: ${input.description}`}`,
        true,
      );
  return new Map(Object.keys(outputs).map((name) => [name, 'dyn']));
}

/** What is wrong with an expression for an input, as far as its type is known. */
function typeProblem(input: Input, text: string, names: Names): string | undefined {
  const type = isOneExpression(text) ? (typeOfTemplate(text, names) ?? 'dyn') : 'string';
  const wanted = INPUT_TYPES[input.type] ?? 'dyn';
  const isFine = type === 'dyn' || wanted === type || (input.type === 'number' && (type === 'int' || type === 'double'));
  return isFine ? undefined : `must be of type ${input.type}, but this expression gives ${TYPE_WORDS[type]}`;
}
