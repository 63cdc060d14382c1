// JSON Schema (ajv) to problems with paths and words for people: no noise from alternatives, expressions let through where asked.
import type { ErrorObject } from 'ajv/dist/2020.js';
import { TYPE_WORDS } from './check-expression.ts';
import type { JsonSchema, OutputType } from './definition.ts';
import { durationProblem } from './duration.ts';
import { describe } from './expression.ts';
import { insteadOf, namesIn, type OtherWords } from './other-words.ts';
import type { Path } from './playbook.ts';
import { patternProblem } from './regex.ts';
import { type Collector, compileSchema } from './schema-compiler.ts';
import { type Hinting, nameHint, typeHint } from './schema-hints.ts';
import { hintFor, nearest } from './suggest.ts';
import { hasExpression } from './template.ts';
import { isMap } from './untyped.ts';

/** A problem with a value. `key: true`: it is about the key at the path's end, which may be unknown, or the key of the map that lacks one. */
export interface SchemaProblem {
  rule: 'unknown-key' | 'missing-key' | 'wrong-type' | 'wrong-value';
  path: Path;
  key: boolean;
  message: string;
  hint?: string;
  /** Keys that are missing. */
  lacks?: readonly string[];
  /** Keys that an unknown one probably means. */
  means?: readonly string[];
}

/** A place that the schema marks with `x-expression`. */
export interface ExpressionPlace {
  path: Path;
  mode: 'cel' | 'inputs';
  /** Names of `x-variables`, where given. */
  variables?: readonly string[];
}

/** Limits against files that are wrong in a million places. */
const MOST_ERRORS = 2000;
const MOST_PROBLEMS = 200;

/**
 * Checks a value against a schema. `expressions: true` lets a text that holds `${{ }}` stand for a value of any type: its type is known only
 * when it is evaluated. `name` is what the value itself is called in messages, e.g. "exec".
 */
export function checkSchema(
  schema: JsonSchema,
  value: unknown,
  { name, expressions, typeOf }: { name: string; expressions: boolean; typeOf?: TypeOf },
): { problems: SchemaProblem[]; places: ExpressionPlace[] } {
  const validate = compileSchema(schema);
  const collector: Collector = { places: [] };
  const valid = validate.call(collector, value);
  const errors = valid ? [] : (validate.errors ?? []).filter((error) => !(expressions && escapes(error, typeOf)));
  const problems = withoutAlternatives(errors.slice(0, MOST_ERRORS));
  // Where the first errors were only noise, there must still be one finding.
  const last = problems.length === 0 ? errors.slice(MOST_ERRORS, MOST_ERRORS + 1) : [];
  const told = [...problems, ...last].map((error) => toProblem(error, value, name, typeOf));
  return {
    problems: withoutExplained(told).slice(0, MOST_PROBLEMS),
    places: collector.places.map(({ pointer, ...place }) => ({ path: toPath(pointer, value), ...place })),
  };
}

const ABOUT_A_SCALAR = new Set([
  'type',
  'enum',
  'const',
  'pattern',
  'format',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'not',
  'anyOf',
  'oneOf',
]);

/** Type that the expression in a text gives, where the text is nothing else and it is known. */
type TypeOf = (text: string) => OutputType | undefined;

function escapes({ keyword, data, instancePath, params }: ErrorObject, typeOf?: TypeOf): boolean {
  if (instancePath === '' || !ABOUT_A_SCALAR.has(keyword) || typeof data !== 'string' || !hasExpression(data)) return false;
  return keyword !== 'type' || !isOfOtherType(typeOf?.(data), [params.type].flat());
}

const JSON_TYPES: Readonly<Record<OutputType, readonly string[]>> = {
  string: ['string'],
  int: ['integer', 'number'],
  double: ['number', 'integer'],
  bool: ['boolean'],
  map: ['object'],
  list: ['array'],
  dyn: [],
};

const isOfOtherType = (type: OutputType | undefined, wanted: readonly string[]): boolean =>
  type !== undefined && type !== 'dyn' && !JSON_TYPES[type].some((each) => wanted.includes(each));

const isUnder = (path: string, parent: string): boolean => path === parent || path.startsWith(`${parent}/`);

/** Replaces the errors of all branches of an anyOf/oneOf by those of the branch that was probably meant. Innermost first. */
function withoutAlternatives(errors: readonly ErrorObject[]): ErrorObject[] {
  let rest = errors.filter(({ keyword }) => keyword !== 'if' && keyword !== 'propertyNames');
  const unions = rest
    .filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf')
    .sort((a, b) => b.schemaPath.length - a.schemaPath.length);
  for (const union of unions) {
    const inside = rest.filter(
      (error) => error !== union && error.schemaPath.startsWith(`${union.schemaPath}/`) && isUnder(error.instancePath, union.instancePath),
    );
    const branches = (union.schema as unknown[]).map((_, index) =>
      inside.filter((error) => isUnder(error.schemaPath, `${union.schemaPath}/${index}`)),
    );
    // A list or a text passes every form that only asks for keys; that it is no map is said already.
    const noMap = rest.some((error) => error.keyword === 'type' && error.instancePath === union.instancePath && !inside.includes(error));
    const kept = noMap ? [] : union.params.passingSchemas ? [union] : meantBranch(union, branches);
    rest = [...rest.filter((error) => error !== union && !inside.includes(error)), ...kept];
  }
  return rest;
}

function meantBranch(union: ErrorObject, branches: ErrorObject[][]): ErrorObject[] {
  if (branches.some((errors) => errors.length === 0)) return [];
  const here = (error: ErrorObject, keyword: string) => error.keyword === keyword && error.instancePath === union.instancePath;
  const possible = branches.filter((errors) => !errors.some((error) => here(error, 'type')));
  // No form has this type, or each only lacks a key: the union's own error says it best.
  if (possible.length === 0 || (possible.length > 1 && possible.every((errors) => errors.every((error) => here(error, 'required')))))
    return [union];
  return possible.reduce((best, errors) => (errors.length < best.length ? errors : best));
}

function toPath(pointer: string, root: unknown): Path {
  let value = root;
  return pointer
    .split('/')
    .slice(1)
    .map((part) => {
      const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
      const isIndex = Array.isArray(value);
      value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
      return isIndex ? Number(name) : name;
    });
}

/** A key that is missing because it is misspelt is one mistake: the misspelt key tells of it. */
function withoutExplained(problems: readonly SchemaProblem[]): SchemaProblem[] {
  const meant = new Set(problems.flatMap(({ means = [], path }) => means.map((key) => JSON.stringify([...path.slice(0, -1), key]))));
  if (meant.size === 0) return [...problems];
  return problems.filter(({ lacks = [], path }) => !lacks.some((key) => meant.has(JSON.stringify([...path, key]))));
}

const quoted = (names: readonly string[]): string => names.map((each) => `\`${each}\``).join(', ');

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: '`true` or `false`',
  array: 'a list',
  object: 'a map',
  null: 'empty',
};

function typeNames(types: readonly string[]): string {
  const names = [...new Set(types.map((type) => TYPES[type] ?? type))];
  return names.length < 3 ? names.join(' or ') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

function actualType(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  return typeof value === 'string' && value.length > 40 ? 'text' : describe(value);
}

function toProblem(error: ErrorObject, root: unknown, name: string, typeOf?: TypeOf): SchemaProblem {
  const path = toPath(error.instancePath, root);
  const { keyword, params, data, propertyName } = error;
  const parent = (error.parentSchema ?? {}) as Hinting & { format?: string; 'x-says'?: string; 'x-instead'?: OtherWords };
  const says = parent['x-says'];
  const what = whatIs(path, name);
  const value = (message: string, hint?: string): SchemaProblem => ({
    rule: 'wrong-value',
    path,
    key: false,
    message,
    ...(hint === undefined ? {} : { hint }),
  });
  const repeated = (later: number, earlier: number): SchemaProblem => ({
    ...value(`item ${later + 1} of ${what} repeats item ${earlier + 1}`),
    path: [...path, later],
  });
  if (propertyName !== undefined) {
    const hint = keyword === 'pattern' ? nameHint(params.pattern, propertyName) : undefined;
    const wrong = keyword === 'maxLength' ? `must hold at most ${params.limit} characters` : (says ?? 'cannot be a name');
    return { ...value(`\`${propertyName}\` ${wrong}`, hint), path: [...path, propertyName], key: true };
  }
  switch (keyword) {
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const unknown = String(params.additionalProperty ?? params.unevaluatedProperty);
      const allowed = Object.keys(parent.properties ?? {});
      const instead = insteadOf(unknown, parent['x-instead']);
      const meant = nearest(unknown, allowed);
      const hint = meant === undefined ? (instead ?? hintFor('', allowed, 'allowed are')) : hintFor(unknown, allowed, 'allowed are');
      return {
        ...value(`unknown key \`${unknown}\` in ${what}`, hint),
        rule: 'unknown-key',
        path: [...path, unknown],
        key: true,
        means: meant === undefined ? namesIn(instead ?? '') : [meant],
      };
    }
    case 'required':
      return {
        ...value(`${what} lacks the key \`${params.missingProperty}\``, meaningOf(parent, params.missingProperty)),
        rule: 'missing-key',
        key: true,
        lacks: [params.missingProperty],
      };
    case 'type': {
      const given = typeof data === 'string' && hasExpression(data) ? typeOf?.(data) : undefined;
      if (given !== undefined)
        return {
          ...value(`${what} must be ${typeNames([params.type].flat())}, but this expression gives ${TYPE_WORDS[given]}`),
          rule: 'wrong-type',
        };
      if (parent.format === 'kubesim-duration') return { ...value(`${what} ${durationProblem(data)}`), rule: 'wrong-type' };
      const message = `${what} must be ${typeNames([params.type].flat())}, but is ${actualType(data)}`;
      return { ...value(message, typeHint(parent, data)), rule: 'wrong-type' };
    }
    case 'anyOf':
    case 'oneOf':
      return unionProblem(error, path, what);
    case 'enum': {
      const allowed = (params.allowedValues as unknown[]).map(String);
      const instead = typeof data === 'string' ? insteadOf(data, parent['x-instead']) : undefined;
      return value(
        `${what} cannot be ${actualType(data)}`,
        instead ?? hintFor(typeof data === 'string' ? data : '', allowed, 'allowed are'),
      );
    }
    case 'const':
      return value(`${what} must be \`${params.allowedValue}\`, but is ${actualType(data)}`);
    case 'format':
      if (params.format === 'kubesim-duration') return value(`${what} ${durationProblem(data)}`);
      if (params.format === 'kubesim-regex') return value(`${what}: ${patternProblem(String(data))}`);
      return value(`${what} must be a ${params.format}, but is ${actualType(data)}`);
    case 'pattern':
      return value(
        `${what} ${says ?? `must match \`${params.pattern}\``}, but is ${actualType(data)}`,
        nameHint(params.pattern, String(data)),
      );
    case 'not':
      // That the key stands here at all is what is wrong.
      if (says?.startsWith('cannot')) return { ...value(`${what} ${says}`), rule: 'unknown-key', key: true };
      return value(`${what} ${says ?? 'must be another value'}, but is ${actualType(data)}`);
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return value(params.limit === 1 ? `${what} is empty` : `${what} must hold at least ${params.limit} ${UNITS[keyword]}`);
    case 'maxLength':
    case 'maxItems':
    case 'maxProperties':
      return value(`${what} must hold at most ${params.limit} ${UNITS[keyword]}`);
    case 'minimum':
      return value(`${what} must be at least ${params.limit}, but is ${actualType(data)}`);
    case 'maximum':
      return value(`${what} must be at most ${params.limit}, but is ${actualType(data)}`);
    case 'uniqueItems':
      return repeated(Math.max(params.i, params.j), Math.min(params.i, params.j));
    case 'dependentRequired':
      return {
        rule: 'missing-key',
        path: [...path, params.property],
        key: true,
        message: `\`${params.property}\` needs \`${params.missingProperty}\` beside it`,
      };
    default:
      return value(`${what} ${error.message ?? 'is not valid'}${typeof data === 'object' ? '' : `, but is ${actualType(data)}`}`);
  }
}

const UNITS: Readonly<Record<string, string>> = {
  minLength: 'characters',
  maxLength: 'characters',
  minItems: 'items',
  maxItems: 'items',
  minProperties: 'keys',
  maxProperties: 'keys',
};

function unionProblem(error: ErrorObject, path: Path, what: string): SchemaProblem {
  const branches = error.schema as readonly Hinting[];
  const keys = branches.flatMap((branch) => branch.required ?? []);
  if (error.params.passingSchemas && keys.length > 0) {
    return { rule: 'wrong-value', path, key: true, message: `${what} can have only one of ${quoted(keys)}` };
  }
  const types = branches.flatMap((branch) => branch.type ?? []);
  if (keys.length > 0 && isMap(error.data))
    return { rule: 'missing-key', path, key: true, message: `${what} needs one of ${quoted([...new Set(keys)])}`, lacks: keys };
  const map = branches.find(({ type, ...rest }) => type === 'object' && rest['x-example'] !== undefined);
  const hint = typeHint(map ?? {}, error.data);
  const message = `${what} must be ${typeNames(types)}, but is ${actualType(error.data)}`;
  return { rule: 'wrong-type', path, key: false, message, ...(hint === undefined ? {} : { hint }) };
}

/** What a key that is missing is for. */
function meaningOf({ properties = {} }: Hinting, key: string): string | undefined {
  const { description } = (properties[key] ?? {}) as { description?: string };
  return description === undefined ? undefined : `\`${key}\`: ${description.replace(/\.$/, '')}`;
}

function whatIs(path: Path, name: string): string {
  const last = path.at(-1);
  if (last === undefined) return name;
  if (typeof last === 'string') return `\`${last}\``;
  const list = path.at(-2);
  if (list === 'steps' || list === 'finally') return 'a step';
  return list === undefined ? `item ${last + 1}` : `item ${last + 1} of ${typeof list === 'string' ? `\`${list}\`` : 'a list'}`;
}
