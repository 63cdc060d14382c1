// Input arguments of an atomic test as inputs of a playbook and variables of its scripts.
import { CEL_WORDS } from '../language/envelope.ts';
import type { Input } from '../language/playbook.ts';
import type { AtomicArgument } from './atomic-file.ts';
import type { ShellArgument } from './shell-arguments.ts';

export interface ImportedArgument extends ShellArgument {
  /** The playbook's input. */
  input: string;
  definition: Input;
  /** The atomic's own value of a secret, which is no default. */
  suggested?: string;
}

/** Names that say of a value that it is secret; lint asks that such inputs have no default that everybody can read. */
const SECRET = /(?:password|passwd|secret|token|apikey|accesskey|privatekey|credentials?)$/i;

/** The arguments with names that fit and do not collide: `taken` are inputs that are there already, `scripts` texts whose own words are avoided. */
export function importArguments(
  given: Readonly<Record<string, AtomicArgument>>,
  { taken, scripts }: { taken: readonly string[]; scripts: readonly string[] },
): ImportedArgument[] {
  const inputs = new Set(taken);
  const words = new Set(scripts.flatMap((script) => script.match(/\barg_\w+/g) ?? []));
  return Object.entries(given).map(([name, argument]) => {
    const input = unlike(inputs, inputNameOf(name));
    const variable = unlike(words, `arg_${name.replace(/\W/g, '_')}`);
    const value = argument.default === null || argument.default === undefined ? '' : String(argument.default);
    const definition = definitionOf(argument, value);
    const description = oneLine(argument.description ?? '').slice(0, 500) || `The argument ${name} of the atomic test`;
    const isSecret = definition.type === 'string' && value !== '' && SECRET.test(input);
    return {
      name,
      input,
      variable,
      value,
      definition: isSecret ? { type: 'secret', description } : { ...definition, description },
      ...(isSecret ? { suggested: value } : {}),
    };
  });
}

/** The name, or the name with a number that nothing has yet; it is taken from now on. */
function unlike(taken: Set<string>, name: string): string {
  let free = name;
  for (let number = 2; taken.has(free); number++) free = `${name}${number}`;
  taken.add(free);
  return free;
}

/** `output_file` is outputFile. */
function inputNameOf(name: string): string {
  const [first = '', ...rest] = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const camel = `${/[a-z]/.test(first) ? first.charAt(0).toLowerCase() + first.slice(1) : first.toLowerCase()}${rest
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')}`.slice(0, 50);
  return /^[a-z]/.test(camel) && !CEL_WORDS.includes(camel) ? camel : `input${camel.charAt(0).toUpperCase()}${camel.slice(1)}`;
}

/** A number whose default is none stays text, as the shell takes it anyway. */
function definitionOf({ type, default: given }: AtomicArgument, value: string): Input {
  const isAbsent = given === null || given === undefined || value === '';
  switch (type?.toLowerCase()) {
    case 'integer':
      if (isAbsent) return { type: 'integer' };
      if (/^-?(?:0|[1-9]\d{0,14})$/.test(value)) return { type: 'integer', default: Number(value) };
      break;
    case 'float':
      if (isAbsent) return { type: 'number' };
      if (/^-?\d{1,15}(?:\.\d{1,15})?$/.test(value) && String(Number(value)) === value) return { type: 'number', default: Number(value) };
      break;
  }
  return { type: 'string', default: value };
}

/** Several lines as one. */
export const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
