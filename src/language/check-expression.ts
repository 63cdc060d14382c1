// What lint can say of an expression without running it: syntax, names that do not exist, and types that do not fit.
import { checkTypes, ExpressionError, type KnownTypes, parseCel, type Reference } from './cel.ts';
import type { OutputType } from './definition.ts';
import { hintFor } from './suggest.ts';
import { hasExpression, isWholeExpression, parseTemplate } from './template.ts';

/** What the facts are that every run has (RunFacts of steps/step.ts), all of them texts. */
export const RUN_FACT_MEANINGS: Readonly<Record<string, string>> = {
  id: 'Id of the run.',
  namespace: 'Namespace of the run: `sim-<id>`.',
  marker: '`sim-<id>`: put it into the command line of an attack, so that alerts can be told from those of others.',
  token: "The web shell's token of this run: 32 hexadecimal digits, secret.",
  playbook: "The playbook's name.",
};

export const RUN_FACTS: Types = new Map(Object.keys(RUN_FACT_MEANINGS).map((name) => [name, 'string']));

/** Names with the types of their values. */
export type Types = ReadonlyMap<string, OutputType>;

/** The names that an expression may use at its place. A group that is absent must not be used there. */
export interface Names {
  inputs?: Types;
  variables?: Types;
  /** Outputs of each step that ran before, by id. */
  steps?: ReadonlyMap<string, Types>;
  run?: Types;
  /** Ids that exist but come later, or variables below: known, and not usable yet. */
  later?: ReadonlySet<string>;
  /** What the attempt yielded, in the `until` of a retry. */
  outputs?: Types;
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

/** `{{ inputs.x }}` without its dollar sign, as Helm and Ansible write it: it would stay text. */
const BARE = /(?<!\$)\{\{-?\s*\.?(?:inputs|variables|steps|run|Values)\.[^{}]*\}\}/g;

/** Checks every `${{ }}` of a text. */
export function checkTemplate(text: string, names: Names): ExpressionProblem[] {
  const bare = text.includes('{{') ? [...text.matchAll(BARE)].slice(0, MOST_PROBLEMS) : [];
  if (bare.length > 0)
    return bare.map(({ 0: { length }, index }) => ({
      rule: 'invalid-expression',
      message: '`{{ }}` is not evaluated',
      hint: 'an expression is written `${{ ... }}`',
      start: index,
      end: index + length,
    }));
  if (!hasExpression(text)) return [];
  const pieces = parseTemplate(text);
  if (!Array.isArray(pieces)) {
    return [{ rule: 'invalid-expression', message: '`${{` is not closed by `}}`', start: pieces.start, end: pieces.start + 3 }];
  }
  const problems: ExpressionProblem[] = [];
  for (const piece of pieces) {
    if ('expression' in piece) problems.push(...checkCel(piece.expression, names, { offset: piece.start }));
    if (problems.length >= MOST_PROBLEMS) break;
  }
  return problems;
}

/** Checks bare CEL; `offset` is where it begins in the text that the problems' offsets count from. `condition`: it must give true or false. */
export function checkCel(
  expression: string,
  names: Names,
  { offset = 0, condition = false }: { offset?: number; condition?: boolean } = {},
): ExpressionProblem[] {
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
    const { references } = parseCel(expression);
    const unknown = references.flatMap((reference) => {
      const problem = hyphenated(reference, expression, names) ?? checkReference(reference, names);
      return problem === undefined
        ? []
        : [{ rule: 'undefined-reference' as const, ...problem, start: reference.start + offset, end: reference.end + offset }];
    });
    if (unknown.length > 0) return unknown;
    const type = checkTypes(expression, typesOf(references, names));
    if (!condition || type === 'bool' || type === 'dyn') return [];
    const given = type === undefined ? 'another value' : TYPE_WORDS[type];
    throw new ExpressionError(`a condition must give true or false, but this gives ${given}`, 0, expression.length);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const start = Math.min(error.start, expression.length);
    const { message, hint } = error;
    const end = Math.max(error.end, start + 1);
    return [{ rule: 'invalid-expression', ...withHint(message, hint), start: start + offset, end: end + offset }];
  }
}

export const TYPE_WORDS: Readonly<Record<OutputType, string>> = {
  string: 'text',
  int: 'a whole number',
  double: 'a number',
  bool: 'true or false',
  map: 'a map',
  list: 'a list',
  dyn: 'a value',
};

/** Type of a text whose whole is one expression; undefined where it is none, or is not known. */
export function typeOfTemplate(text: string, names: Names): OutputType | undefined {
  const pieces = parseTemplate(text);
  const [piece] = Array.isArray(pieces) && isWholeExpression(pieces) ? pieces : [];
  if (piece === undefined || !('expression' in piece)) return undefined;
  try {
    const { references } = parseCel(piece.expression);
    return checkTypes(piece.expression, typesOf(references, names));
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

/** Types of what the references read. A group that is read as a whole has no type: its members are not all alike. */
function typesOf(references: readonly Reference[], names: Names): KnownTypes {
  const known: Record<string, Record<string, OutputType | Record<string, OutputType>>> = {};
  const whole = new Set(references.filter(({ path }) => path[0] === undefined).map(({ root }) => root));
  for (const { root, path } of references) {
    const [name] = path;
    if (name === undefined || whole.has(root)) continue;
    const members: ReadonlyMap<string, OutputType | Types> | undefined =
      names[root as 'inputs' | 'variables' | 'steps' | 'run' | 'outputs'];
    const member = members instanceof Map ? (members as ReadonlyMap<string, OutputType | Types>).get(name) : undefined;
    if (member === undefined) continue;
    const type = typeof member === 'string' ? member : path[1] === undefined || member.size === 0 ? 'map' : Object.fromEntries(member);
    known[root] ??= {};
    // Where a step is read both whole and by an output, only the weaker type holds for both.
    if (known[root][name] !== 'map') known[root][name] = type;
  }
  return known;
}

/** `inputs.scan-port`, which CEL reads as a difference. */
function hyphenated({ root, path, end }: Reference, expression: string, names: Names): Problem | undefined {
  const members = names[root as 'inputs' | 'variables' | 'steps'];
  const [name = '', ...deeper] = path;
  const rest = /^(?:-[A-Za-z]\w*)+/.exec(expression.slice(end))?.[0];
  if (!(members instanceof Map) || deeper.length > 0 || rest === undefined || members.has(name)) return undefined;
  const meant = name + rest.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  if (!members.has(meant)) return undefined;
  return { message: `\`${root}.${name}${rest}\` is read as a difference`, hint: `did you mean \`${root}.${meant}\`?` };
}

type Problem = { message: string; hint?: string };

const withHint = (message: string, hint: string | undefined): Problem => (hint === undefined ? { message } : { message, hint });

function checkReference({ root, path }: Reference, names: Names): Problem | undefined {
  if (names.other?.includes(root)) return undefined;
  const groups = ['inputs', 'variables', 'steps', 'run', 'outputs'] as const;
  const group = groups.find((each) => each === root);
  const usable = [...groups.filter((each) => names[each] !== undefined), ...(names.other ?? [])];
  if (group === undefined)
    return withHint(
      `nothing is named \`${root}\` here`,
      wellMeant(root, names) ?? (Object.hasOwn(ELSEWHERE, root) ? ELSEWHERE[root] : hintFor(root, usable, 'there are')),
    );
  const members = names[group];
  if (members === undefined)
    return withHint(
      `\`${root}\` cannot be used here${names.because === undefined ? '' : `: ${names.because}`}`,
      hintFor('', usable, 'there are'),
    );
  const name = path[0];
  if (name === undefined) return undefined;
  const known = [...members.keys()];
  const what = { inputs: 'input', variables: 'variable', steps: 'step', run: 'fact of the run', outputs: 'output of the step' }[group];
  if (!known.includes(name)) {
    if (group === 'steps' && names.later?.has(name)) return { message: `the step \`${name}\` has not run yet at this point` };
    if (group === 'variables' && names.later?.has(name)) return { message: `the variable \`${name}\` does not stand above this one` };
    const none =
      group === 'steps'
        ? 'no step before this one has an `id`'
        : group === 'outputs'
          ? 'it has no outputs'
          : `the playbook has no ${group}`;
    return withHint(`no ${what} is named \`${name}\``, hintFor(name, known, 'there are') ?? none);
  }
  const output = path[1];
  if (group !== 'steps' || output === undefined) return undefined;
  const outputs = [...(names.steps?.get(name)?.keys() ?? [])];
  const [, , below = ''] = path;
  if (output === 'outputs' && outputs.includes(below))
    return { message: `the step \`${name}\` has no output \`outputs\``, hint: `did you mean \`steps.${name}.${below}\`?` };
  return outputs.includes(output)
    ? undefined
    : withHint(`the step \`${name}\` has no output \`${output}\``, hintFor(output, outputs, 'it has'));
}

/** Contexts of other tools. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  secrets: 'a secret is an input with `type: secret`: `inputs.<name>`',
  env: 'a value from outside is an input: `inputs.<name>`, set by `SIM_INPUT_<NAME>`',
  vars: 'did you mean `variables`?',
  github: 'facts of the run are `run.id`, `run.namespace`, `run.playbook`',
  workflow: 'facts of the run are `run.id`, `run.namespace`, `run.playbook`',
  Values: 'did you mean `inputs`?',
  params: 'did you mean `inputs`?',
  parameters: 'did you mean `inputs`?',
  matrix: 'there are no matrices: write a step for each',
  item: 'there are no loops: write a step for each',
};

/** A bare name that exists in a group: `scanPort` for `inputs.scanPort`. */
function wellMeant(name: string, names: Names): string | undefined {
  if (names.inputs?.has(name)) return `did you mean \`inputs.${name}\`?`;
  if (names.variables?.has(name)) return `did you mean \`variables.${name}\`?`;
  return names.steps?.has(name) ? `did you mean \`steps.${name}\`?` : undefined;
}
