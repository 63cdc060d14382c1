// Inputs of a playbook: what is given as text becomes typed values.
import { parseDuration } from './duration.ts';
import { describe } from './expression.ts';
import type { Input, Playbook } from './playbook.ts';
import { finds } from './regex.ts';
import { hintFor } from './suggest.ts';

/** What is wrong with a value for an input, ready to follow "the input `x` "; undefined where it fits. */
export function inputProblem(input: Input, value: unknown): string | undefined {
  const must = (what: string) => `must be ${what}, but is ${describe(value)}`;
  switch (input.type) {
    case 'integer':
      if (!Number.isSafeInteger(value)) return must('a whole number');
      break;
    case 'number':
      if (typeof value !== 'number' || !Number.isFinite(value)) return must('a number');
      break;
    case 'boolean':
      if (typeof value !== 'boolean') return must('`true` or `false`');
      break;
    case 'duration':
      if (typeof value !== 'string' || parseDuration(value) === undefined) return must('a duration such as `90s`');
      break;
    case 'enum':
      if (typeof value !== 'string' || !input.values?.includes(value))
        return must(`one of ${(input.values ?? []).map((each) => `\`${each}\``).join(', ')}`);
      break;
    case 'secret':
      if (typeof value !== 'string') return 'must be text';
      break;
    default:
      if (typeof value !== 'string') return must('text');
  }
  if (input.pattern !== undefined && !finds(input.pattern, String(value))) {
    return `does not match \`${input.pattern}\`${input.type === 'secret' ? '' : `: it is ${describe(value)}`}`;
  }
  return undefined;
}

/** The text of `--set` as the type asks for; text that does not fit stays text, and inputProblem says so. */
function parseText(type: Input['type'], text: string): unknown {
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (type === 'integer') return /^[+-]?\d+$/.test(text) ? Number(text) : text;
  if (type === 'number') return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : text;
  return text;
}

/** A value that was written as text, on a command line or in the environment: it is read as the input's type asks for. */
export interface Text {
  text: string;
}

const isText = (given: unknown): given is Text => typeof given === 'object' && given !== null && Object.hasOwn(given, 'text');

/**
 * Values of all inputs: those given (by name, with their type or as Text), else the defaults. `problems` holds a sentence for each that is unknown, missing or
 * does not fit; values of secrets never stand in it.
 */
export function resolveInputs(
  playbook: Pick<Playbook, 'inputs'>,
  given: Readonly<Record<string, unknown>>,
): { values: Record<string, unknown>; problems: string[] } {
  const { inputs } = playbook;
  const values: Record<string, unknown> = Object.create(null);
  const problems: string[] = [];
  const names = Object.keys(inputs);
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(inputs, name)) continue;
    const hint = hintFor(name, names, 'there are');
    problems.push(`no input is named \`${name}\`: ${hint ?? 'the playbook has no inputs'}`);
  }
  for (const name of names) {
    const input = inputs[name] as Input;
    const own = Object.hasOwn(given, name) ? given[name] : undefined;
    if (own === undefined && input.default === undefined) {
      problems.push(`the input \`${name}\` has no default: give it with \`--set ${name}=...\``);
      continue;
    }
    const value = own === undefined ? input.default : isText(own) ? parseText(input.type, own.text) : own;
    const problem = inputProblem(input, value);
    if (problem === undefined) values[name] = value;
    else problems.push(`the input \`${name}\` ${problem}`);
  }
  return { values, problems };
}
