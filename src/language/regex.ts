// Regular expressions of playbooks, on an engine whose time grows linearly with the text.
import { RE2JS } from 're2js';

const LONGEST_PATTERN = 1000;
/** Of short texts the last answers are kept: a detector asks the same of the arguments of programs that start again and again. */
const LONGEST_KEPT = 64;
const MOST_KEPT = 500;
const found = new Map<string, Map<string, boolean>>();
const compiled = new Map<string, RE2JS>();

/** What is wrong with a pattern, or undefined. RE2 syntax: no backreferences, no lookaround. */
export function patternProblem(pattern: string): string | undefined {
  if (pattern.length > LONGEST_PATTERN) return `the pattern is longer than ${LONGEST_PATTERN} characters`;
  try {
    compile(pattern);
    return undefined;
  } catch (error) {
    return `not a regular expression (RE2 syntax): ${error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : 'unreadable'}`;
  }
}

/** Whether the pattern is found anywhere in the text. Throws where patternProblem has something to say. */
export function finds(pattern: string, text: string): boolean {
  if (text.length > LONGEST_KEPT) return compile(pattern).matcher(text).find();
  const known = found.get(pattern) ?? new Map<string, boolean>();
  let result = known.get(text);
  if (result === undefined) {
    result = compile(pattern).matcher(text).find();
    if (known.size >= MOST_KEPT) known.clear();
    known.set(text, result);
    if (found.size >= MOST_KEPT) found.clear();
    found.set(pattern, known);
  }
  return result;
}

function compile(pattern: string): RE2JS {
  if (pattern.length > LONGEST_PATTERN) throw new RangeError(`a pattern is longer than ${LONGEST_PATTERN} characters`);
  let expression = compiled.get(pattern);
  if (expression === undefined) {
    expression = RE2JS.compile(pattern);
    if (compiled.size > 500) compiled.clear();
    compiled.set(pattern, expression);
  }
  return expression;
}
