// A field with its modifiers and values, as a question about an observation. https://sigmahq.io/docs/basics/modifiers.html
import { finds, patternProblem } from '../../language/regex.ts';
import type { Observation } from '../../ports/observations.ts';
import { cidrOf } from './cidr.ts';
import { fieldOf } from './fields.ts';

export type Question = (observation: Observation) => boolean;

/** Thrown for what a rule says and this evaluation does not know. */
export class Unsupported extends Error {}

const KNOWN = new Set(['contains', 'startswith', 'endswith', 'all', 're', 'i', 'm', 's', 'cidr', 'exists', 'cased']);

/** `key` is a field with modifiers: `CommandLine|contains|all`. Throws Unsupported. */
export function questionOf(key: string, value: unknown): Question {
  const [field = '', ...modifiers] = key.split('|');
  const unknown = modifiers.find((each) => !KNOWN.has(each));
  if (unknown !== undefined) throw new Unsupported(`the modifier \`${unknown}\` is not known`);
  const has = (modifier: string) => modifiers.includes(modifier);
  if (has('exists')) {
    const wanted = value === true || value === 'true' || value === 'yes';
    return (observation) => fieldOf(observation, field).length > 0 === wanted;
  }
  const tests = (Array.isArray(value) ? (value as unknown[]) : [value]).map((each) => testOf(each, has));
  const holds =
    (test: Test): Question =>
    (observation) => {
      const values = fieldOf(observation, field);
      return test === undefined ? values.length === 0 : values.some(test);
    };
  const questions = tests.map(holds);
  return has('all')
    ? (observation) => questions.every((ask) => ask(observation))
    : (observation) => questions.some((ask) => ask(observation));
}

/** Whether a value fits; undefined: there must be none. */
type Test = ((text: string) => boolean) | undefined;

function testOf(value: unknown, has: (modifier: string) => boolean): Test {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'object') throw new Unsupported('a value of a field must be a text or a number');
  const wanted = String(value);
  if (has('cidr')) {
    const holds = cidrOf(wanted);
    if (holds === undefined) throw new Unsupported(`\`${wanted}\` is no network`);
    return holds;
  }
  const cased = has('cased');
  if (has('re'))
    return matching(
      `${['i', 'm', 's']
        .filter(has)
        .map((flag) => `(?${flag})`)
        .join('')}${wanted}`,
    );
  const [open, close] = [has('contains') || has('endswith'), has('contains') || has('startswith')];
  if (!/[*?\\]/.test(wanted)) {
    const fold = (text: string) => (cased ? text : text.toLowerCase());
    const part = fold(wanted);
    if (open && close) return (text) => fold(text).includes(part);
    if (open) return (text) => fold(text).endsWith(part);
    if (close) return (text) => fold(text).startsWith(part);
    return (text) => fold(text) === part;
  }
  return matching(`(?s${cased ? '' : 'i'})^${open ? '.*' : ''}${wildcards(wanted)}${close ? '.*' : ''}$`);
}

function matching(pattern: string): (text: string) => boolean {
  const problem = patternProblem(pattern);
  if (problem !== undefined) throw new Unsupported(problem);
  return (text) => finds(pattern, text);
}

/** `*` and `?` unless a backslash stands before them; a backslash before anything else is one. */
const wildcards = (text: string): string =>
  text.replace(/\\([*?\\])|([*?])|[\s\S]/g, (all: string, escaped?: string, sign?: string) =>
    sign === '*' ? '.*' : sign === '?' ? '.' : (escaped ?? all).replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
  );
