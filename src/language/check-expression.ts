// What lint can say of an expression without running it: syntax, and names that do not exist.
import { ExpressionError, parseCel, type Reference } from './cel.ts';
import { hintFor } from './suggest.ts';
import { parseTemplate } from './template.ts';

/** Facts that every run has (RunFacts of steps/step.ts). */
export const RUN_FACTS: readonly string[] = ['id', 'namespace', 'marker', 'token', 'playbook'];

/** The names that an expression may use at its place. A group that is absent must not be used there. */
export interface Names {
  inputs?: readonly string[];
  variables?: readonly string[];
  /** Outputs of each step that ran before, by id. */
  steps?: ReadonlyMap<string, readonly string[]>;
  run?: readonly string[];
  /** Ids that exist but come later, or variables below: known, and not usable yet. */
  later?: ReadonlySet<string>;
  /** Other values bound at this place, e.g. `value` in a matcher; their insides are not known. */
  other?: readonly string[];
  /** Why a group is absent, for the message. */
  because?: string;
}

export interface ExpressionProblem {
  rule: 'invalid-expression' | 'undefined-reference';
  message: string;
  hint?: string;
  /** Offsets into the text that was checked. */
  start: number;
  end: number;
}

/** Problems told of one text; a generated text may repeat one mistake thousands of times. */
const MOST_PROBLEMS = 20;

/** Checks every `${{ }}` of a text. */
export function checkTemplate(text: string, names: Names): ExpressionProblem[] {
  const pieces = parseTemplate(text);
  if (!Array.isArray(pieces)) {
    return [{ rule: 'invalid-expression', message: '`${{` is not closed by `}}`', start: pieces.start, end: pieces.start + 3 }];
  }
  const problems: ExpressionProblem[] = [];
  for (const piece of pieces) {
    if ('expression' in piece) problems.push(...checkCel(piece.expression, names, piece.start));
    if (problems.length >= MOST_PROBLEMS) break;
  }
  return problems;
}

/** Checks bare CEL; `offset` is where it begins in the text that the problems' offsets count from. */
export function checkCel(expression: string, names: Names, offset = 0): ExpressionProblem[] {
  if (offset === 0 && expression.trimStart().startsWith('${{')) {
    return [
      {
        rule: 'invalid-expression',
        message: 'this is an expression already',
        hint: 'write it without `${{ }}`',
        start: 0,
        end: expression.length,
      },
    ];
  }
  try {
    return parseCel(expression).references.flatMap((reference) => {
      const problem = checkReference(reference, names);
      return problem === undefined
        ? []
        : [{ rule: 'undefined-reference' as const, ...problem, start: reference.start + offset, end: reference.end + offset }];
    });
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const start = Math.min(error.start, expression.length);
    return [{ rule: 'invalid-expression', message: error.message, start: start + offset, end: Math.max(error.end, start + 1) + offset }];
  }
}

type Problem = { message: string; hint?: string };

const withHint = (message: string, hint: string | undefined): Problem => (hint === undefined ? { message } : { message, hint });

function checkReference({ root, path }: Reference, names: Names): Problem | undefined {
  if (names.other?.includes(root)) return undefined;
  const groups = ['inputs', 'variables', 'steps', 'run'] as const;
  const group = groups.find((each) => each === root);
  const usable = [...groups.filter((each) => names[each] !== undefined), ...(names.other ?? [])];
  if (group === undefined)
    return withHint(`nothing is named \`${root}\` here`, wellMeant(root, names) ?? hintFor(root, usable, 'there are'));
  const members = names[group];
  if (members === undefined)
    return withHint(
      `\`${root}\` cannot be used here${names.because === undefined ? '' : `: ${names.because}`}`,
      hintFor('', usable, 'there are'),
    );
  const name = path[0];
  if (name === undefined) return undefined;
  const known = group === 'steps' ? [...(names.steps?.keys() ?? [])] : (members as readonly string[]);
  const what = { inputs: 'input', variables: 'variable', steps: 'step', run: 'fact of the run' }[group];
  if (!known.includes(name)) {
    if (group === 'steps' && names.later?.has(name)) return { message: `the step \`${name}\` has not run yet at this point` };
    if (group === 'variables' && names.later?.has(name)) return { message: `the variable \`${name}\` does not stand above this one` };
    const none = group === 'steps' ? 'no step before this one has an `id`' : `the playbook has no ${group}`;
    return withHint(`no ${what} is named \`${name}\``, hintFor(name, known, 'there are') ?? none);
  }
  const output = path[1];
  if (group !== 'steps' || output === undefined) return undefined;
  const outputs = names.steps?.get(name) ?? [];
  return outputs.includes(output)
    ? undefined
    : withHint(`the step \`${name}\` has no output \`${output}\``, hintFor(output, outputs, 'it has'));
}

/** A bare name that exists in a group: `scanPort` for `inputs.scanPort`. */
function wellMeant(name: string, names: Names): string | undefined {
  if (names.inputs?.includes(name)) return `did you mean \`inputs.${name}\`?`;
  if (names.variables?.includes(name)) return `did you mean \`variables.${name}\`?`;
  return names.steps?.has(name) ? `did you mean \`steps.${name}\`?` : undefined;
}
