// The functions of CEL, each with what it does: the library names them and their types, but does not describe them.
import { functionForms } from './cel.ts';

/** By name; cel.test.ts holds that each function of the environment is here, and no other. */
export const FUNCTION_MEANINGS: Readonly<Record<string, string>> = {
  all: 'True where the condition holds for every item; `x` names the item.',
  at: 'The byte at a place, counted from 0.',
  base64: 'Base64 of a text in UTF-8, or of bytes.',
  bind: 'Names a value for use in an expression: `cel.bind(x, value, expression)`.',
  bool: '`true` or `false` from a text.',
  bytes: 'The bytes of a text in UTF-8.',
  contains: 'Whether the text holds another.',
  double: 'A number with a fraction.',
  duration: 'A duration, from a text such as `90s`.',
  dyn: 'The value without its type, so that types are checked only when it is evaluated.',
  endsWith: 'Whether the text ends so.',
  exists: 'True where the condition holds for an item at least.',
  exists_one: 'True where the condition holds for exactly one item.',
  filter: 'The items for which the condition holds.',
  getDate: 'Day of the month, from 1.',
  getDayOfMonth: 'Day of the month, from 0.',
  getDayOfWeek: 'Day of the week; 0 is Sunday.',
  getDayOfYear: 'Day of the year, from 0.',
  getFullYear: 'The year.',
  getHours: 'The hour of a time, or the hours of a duration.',
  getMilliseconds: 'The milliseconds of a time or a duration.',
  getMinutes: 'The minute of a time, or the minutes of a duration.',
  getMonth: 'The month, from 0.',
  getSeconds: 'The second of a time, or the seconds of a duration.',
  has: 'Whether a field exists: `has(steps.scan.json.ports)`.',
  hex: 'Bytes as hexadecimal digits.',
  indexOf: 'Where another text begins, from 0; -1 where it does not stand.',
  int: 'A whole number, from a text or a number.',
  join: 'The texts of a list in one, with something between them.',
  json: 'The value of JSON.',
  lastIndexOf: 'Where another text begins for the last time; -1 where it does not stand.',
  lowerAscii: 'The text with its ASCII letters small.',
  map: 'Each item made into something else.',
  matches: 'Whether a regular expression (RE2 syntax) is found in the text.',
  size: 'Length of a text, a list, a map or bytes.',
  split: 'The text in pieces, as a list.',
  startsWith: 'Whether the text begins so.',
  string: 'A value as text.',
  substring: 'Part of a text, by the places where it begins and ends.',
  timestamp: 'A time, from a text such as `2026-01-31T08:00:00Z` or from seconds since 1970.',
  trim: 'The text without the space around it.',
  type: 'The type of a value.',
  uint: 'A whole number that is not negative.',
  upperAscii: 'The text with its ASCII letters large.',
};

/** A function that expressions may call. */
export interface CelFunction {
  name: string;
  description: string;
  /** E.g. "string.indexOf(string, int): int". */
  signatures: string[];
}

/** Every function that an expression can call, by name. */
export function celFunctions(): CelFunction[] {
  // Optional values are not switched on, and namespaces are no values.
  const usable = functionForms().filter(({ signature }) => !/optional|\(CelNamespace\)/i.test(signature));
  return Object.entries(Object.groupBy(usable, ({ name }) => name))
    .map(([name, overloads = []]) => ({
      name,
      description: FUNCTION_MEANINGS[name] ?? '',
      signatures: [...new Set(overloads.map(({ signature }) => readable(signature)))],
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Signatures in the types' everyday names; what is a tree to the library is an expression to the author. */
const readable = (signature: string): string =>
  signature
    .replace(/google\.protobuf\.(\w)(\w*)/g, (_, first: string, rest: string) => `${first.toLowerCase()}${rest}`)
    .replace(/\bast\b/g, 'expression')
    .replace(/\bCelNamespace\b/g, 'cel')
    .replace(/<dyn(, dyn)?>/g, '');
