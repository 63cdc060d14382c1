// Operators and functions that people bring along from other languages into CEL, with what stands for them here.

const OPERATORS: Readonly<Record<string, string>> = {
  '=': '`==` compares',
  and: 'CEL writes `&&`',
  or: 'CEL writes `||`',
  is: 'CEL writes `==`',
  not: 'CEL writes `!`',
  '|': 'CEL has no filters; a choice is `condition ? a : b`',
  '&': 'CEL writes `&&`',
  '#': 'CEL has no comments',
};

/** For what cannot stand where it does; `before` is what stands left of it. */
export function operatorHint(found: string, before: string): string | undefined {
  if (/(^|[^\w.])not\s*$/.test(before)) return OPERATORS.not;
  return Object.hasOwn(OPERATORS, found) ? OPERATORS[found] : undefined;
}

const FUNCTIONS: Readonly<Record<string, string>> = {
  len: 'did you mean `size`?',
  length: 'did you mean `size`?',
  str: 'did you mean `string`?',
  toString: 'did you mean `string`?',
  always: 'what is always done stands in `finally`',
  failure: 'what is done after a failure, too, stands in `finally`',
  success: 'a step is skipped when one before it failed: leave the condition out',
  cancelled: 'what is always done stands in `finally`',
  default: 'a choice is `condition ? a : b`; inputs have a `default` of their own',
  format: 'texts are joined with `+`, or written around `${{ }}`',
  toJSON: 'a step has its output as a value in `steps.<id>.json`',
  fromJSON: 'a step has its output as a value in `steps.<id>.json`',
};

/** For a function that does not exist. */
export const functionHint = (name: string): string | undefined => (Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined);

/** For values that an operator or a function does not take. */
export function operandHint(summary: string): string | undefined {
  const [, method, ...given] = /^found no matching overload for '(contains|startsWith|endsWith|matches)\((\w+), /.exec(summary) ?? [];
  if (method !== undefined && given.length > 0) return `it belongs to a text: \`text.${method}(...)\``;
  return summary.startsWith('no such overload: ') ? 'make them alike with `string(...)`, `int(...)` or `double(...)`' : undefined;
}
