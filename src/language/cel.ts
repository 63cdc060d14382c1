// CEL, the expression language of Kubernetes, with a budget: nothing a playbook says can make it run long.
import { type ASTNode, Environment } from '@marcbachmann/cel-js';
import { functionHint, operandHint, operatorHint } from './cel-hints.ts';
import type { OutputType } from './definition.ts';
import { finds, patternProblem } from './regex.ts';
import { hintFor } from './suggest.ts';

/** A problem with an expression; `start` and `end` are offsets into the text that was given. */
export class ExpressionError extends Error {
  readonly start: number;
  readonly end: number;
  readonly hint: string | undefined;
  constructor(message: string, start = 0, end = start, hint?: string) {
    super(message);
    this.hint = hint;
    this.name = 'ExpressionError';
    this.start = start;
    this.end = Math.max(start, end);
  }
}

/** A place where an expression reads a variable: `steps.scan.stdout` is root "steps", path ["scan", "stdout"]. */
export interface Reference {
  root: string;
  path: string[];
  start: number;
  end: number;
}

interface CelExpression {
  references: Reference[];
  /** What cel-needs.ts reads. */
  tree: ASTNode;
  /** Evaluates; throws ExpressionError. Whole numbers come back as BigInt where CEL has an int. */
  run(variables: Readonly<Record<string, unknown>>): unknown;
}

const LONGEST_EXPRESSION = 4096;
/** Units of work for one evaluation: about one per operation, and one per 64 characters that an operation yields. */
const BUDGET = 1_000_000;
const COMPREHENSIONS = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

const environment = new Environment({
  unlistedVariablesAreDyn: true,
  homogeneousAggregateLiterals: false,
  limits: { maxAstNodes: 2000, maxDepth: 100, maxListElements: 500, maxMapEntries: 500 },
})
  .registerFunction('base64(string): string', (text: string) => Buffer.from(text, 'utf8').toString('base64'), {
    description: 'Base64 of the text in UTF-8',
  })
  // Whole numbers of YAML and of outputs are ints; CEL itself does not mix them with doubles.
  .registerOperator('int + double', (a: bigint, b: number) => Number(a) + b)
  .registerOperator('double + int', (a: number, b: bigint) => a + Number(b))
  .registerOperator('int - double', (a: bigint, b: number) => Number(a) - b)
  .registerOperator('double - int', (a: number, b: bigint) => a - Number(b))
  .registerOperator('int * double', (a: bigint, b: number) => Number(a) * b)
  .registerOperator('double * int', (a: number, b: bigint) => a * Number(b))
  .registerOperator('int / double', (a: bigint, b: number) => Number(a) / b)
  .registerOperator('double / int', (a: number, b: bigint) => a / Number(b));

/** The functions and macros that an expression may call, one entry for each form. */
export const functionForms = (): { name: string; signature: string }[] => environment.getDefinitions().functions;

/** The parts of a cel-js node that the published types leave out; test/language/cel.test.ts fails if they change. */
type Evaluate = (evaluator: { run(node: MeteredNode, context: unknown): unknown }, node: MeteredNode, context: unknown) => unknown;
type MeteredNode = ASTNode & {
  meta: { evaluate: Evaluate; macro?: unknown; alternate?: unknown };
  setMeta(key: 'evaluate', evaluate: Evaluate): void;
};

let remaining = 0;
let isShared = false;

/** All evaluations inside of `work` have one budget together: a hostile text may hold thousands of expressions. */
export function sharingBudget<T>(work: () => T): T {
  if (isShared) return work();
  isShared = true;
  remaining = BUDGET;
  try {
    return work();
  } finally {
    isShared = false;
  }
}

function spend(units: number): void {
  remaining -= units;
  if (remaining < 0) throw new ExpressionError('the expression does too much work');
}

const sizeOf = (value: unknown): number => (typeof value === 'string' ? value.length >> 6 : Array.isArray(value) ? value.length >> 3 : 0);

const isNode = (value: unknown): value is ASTNode => typeof value === 'object' && value !== null && 'op' in value && 'args' in value;

function children(node: ASTNode): ASTNode[] {
  return Array.isArray(node.args) ? (node.args as unknown[]).flat(2).filter(isNode) : isNode(node.args) ? [node.args] : [];
}

/** Makes each node of a checked tree pay for itself, and `matches` use the linear-time engine. */
function meter(root: ASTNode): void {
  const visit = (node: MeteredNode): void => {
    const { evaluate } = node.meta;
    const inner: Evaluate = node.op === 'rcall' && node.args[0] === 'matches' ? evaluateMatches : evaluate;
    node.setMeta('evaluate', (evaluator, self, context) => {
      spend(1);
      const value = inner(evaluator, self, context);
      spend(sizeOf(value));
      return value;
    });
    for (const child of children(node)) visit(child as MeteredNode);
  };
  visit(root as MeteredNode);
}

const evaluateMatches: Evaluate = (evaluator, node, context) => {
  const [, receiver, [pattern]] = node.args as [string, MeteredNode, MeteredNode[]];
  const text = evaluator.run(receiver, context);
  const expression = pattern && evaluator.run(pattern, context);
  if (typeof text !== 'string' || typeof expression !== 'string')
    throw new ExpressionError('`matches` needs text and a pattern', node.start, node.end);
  const problem = patternProblem(expression);
  if (problem !== undefined) throw new ExpressionError(problem, pattern?.start, pattern?.end);
  spend(text.length >> 2);
  return finds(expression, text);
};

/** Every variable that a tree reads, without those that its own macros bind. */
function referencesOf(root: ASTNode): Reference[] {
  const found: Reference[] = [];
  const visit = (node: ASTNode, bound: ReadonlySet<string>): void => {
    const path: string[] = [];
    let base: ASTNode = node;
    const indexes: ASTNode[] = [];
    while (base.op === '.' || base.op === '[]') {
      const [object, key]: [ASTNode, string | ASTNode] = base.args;
      if (typeof key === 'string') path.unshift(key);
      else if (key.op === 'value' && typeof key.args === 'string') path.unshift(key.args);
      else {
        // What stands right of a computed index cannot be known.
        indexes.push(key);
        path.length = 0;
      }
      base = object;
    }
    for (const index of indexes) visit(index, bound);
    if (base.op === 'id') {
      if (!bound.has(base.args) && !environment.hasVariable(base.args))
        found.push({ root: base.args, path, start: node.start, end: node.end });
    } else if (base.op === 'rcall' && (COMPREHENSIONS.has(base.args[0]) || base.args[0] === 'bind')) {
      const [name, receiver, [variable, ...rest]] = base.args;
      visit(receiver, bound);
      const inner = variable?.op === 'id' ? new Set([...bound, variable.args]) : bound;
      for (const [index, each] of rest.entries()) visit(each, name === 'bind' && index === 0 ? bound : inner);
    } else for (const child of children(base)) visit(child, bound);
  };
  visit(root, new Set());
  return found;
}

/** Names of all functions and macros. */
const FUNCTIONS: ReadonlySet<string> = new Set(environment.getDefinitions().functions.map(({ name }) => name));

/** Any error of the library as an ExpressionError at the right offsets. */
function toExpressionError(error: unknown, expression: string): ExpressionError {
  if (error instanceof ExpressionError) return error;
  const { summary, range, message } = error as { summary?: string; range?: { start: number; end: number }; message?: string };
  if (error instanceof RangeError) return new ExpressionError('the expression does too much work');
  const { start = 0, end = 0 } = range ?? {};
  const [, called] = /^found no matching overload for '(?:\S+\.)?(\w+)\(.*'$/.exec(summary ?? '') ?? [];
  if (called !== undefined && !FUNCTIONS.has(called)) {
    const hint = functionHint(called) ?? hintFor(called, [...FUNCTIONS], 'there are');
    return new ExpressionError(`there is no function \`${called}\``, start, end, hint);
  }
  if (summary?.startsWith('Unexpected character') || summary?.startsWith('unexpected character')) {
    const found = expression.slice(start, end).trim();
    return new ExpressionError(`unexpected \`${found}\``, start, end, operatorHint(found, expression.slice(0, start)));
  }
  const text = (summary ?? message ?? 'not an expression')
    .replace(/\bdyn<(\w+)>/g, '$1')
    .replace(/\.$/, '')
    .replace('Unexpected token: EOF', 'the expression ends too early')
    .replace(/^Invalid number: Infinity$/, 'the number is too large')
    .replace(/^found no matching overload for '(.+)'$/, 'no function fits `$1`');
  return new ExpressionError(text.charAt(0).toLowerCase() + text.slice(1), start, end, operandHint(summary ?? ''));
}

const cache = new Map<string, CelExpression>();

/** Reads an expression; throws ExpressionError with the place. Types are checked as far as they are known. */
export function parseCel(text: string): CelExpression {
  const known = cache.get(text);
  if (known !== undefined) return known;
  if (text.length > LONGEST_EXPRESSION) throw new ExpressionError(`the expression is longer than ${LONGEST_EXPRESSION} characters`);
  if (text.trim() === '') throw new ExpressionError('the expression is empty', 0, text.length);
  try {
    const parsed = environment.parse(text);
    const references = referencesOf(parsed.ast);
    const check = parsed.check();
    if (check.error !== undefined) throw check.error;
    // Lint never runs most of them.
    let metered = false;
    const expression: CelExpression = {
      references,
      tree: parsed.ast,
      run(variables) {
        if (!metered) meter(parsed.ast);
        metered = true;
        if (!isShared) remaining = BUDGET;
        try {
          return parsed(variables);
        } catch (error) {
          throw toExpressionError(error, text);
        }
      },
    };
    if (cache.size > 2000) cache.clear();
    cache.set(text, expression);
    return expression;
  } catch (error) {
    throw toExpressionError(error, text);
  }
}

/** Types of the names that an expression reads: {inputs: {port: "int"}, steps: {scan: {stdout: "string"}}}. */
export type KnownTypes = Readonly<Record<string, Readonly<Record<string, OutputType | Readonly<Record<string, OutputType>>>>>>;

const typed = new Map<string, OutputType | undefined | ExpressionError>();

/** `inputs.port` and the like: most expressions, whose type is known without a check. */
const MEMBER = /^\s*[a-z]\w*(?:\.[a-zA-Z]\w*)+\s*$/;

function typeOfMember(expression: string, types: KnownTypes): OutputType | undefined {
  if (!MEMBER.test(expression)) return undefined;
  let at: KnownTypes[string][string] | KnownTypes | KnownTypes[string] = types;
  for (const name of expression.trim().split('.')) {
    if (typeof at !== 'object' || !Object.hasOwn(at, name)) return undefined;
    at = at[name] as typeof at;
  }
  return typeof at === 'object' ? undefined : resultType(at);
}

/**
 * The type that an expression gives where these names have these types; undefined for one that has no name here (bytes, a type). Names that
 * are not in `types` may be anything. Throws ExpressionError where an operator or a function does not take what it is given.
 */
export function checkTypes(expression: string, types: KnownTypes): OutputType | undefined {
  const member = typeOfMember(expression, types);
  if (member !== undefined) return member;
  const key = JSON.stringify([expression, types]);
  if (!typed.has(key)) {
    if (typed.size > 2000) typed.clear();
    typed.set(key, inferType(expression, types));
  }
  const result = typed.get(key);
  if (result instanceof ExpressionError) throw result;
  return result;
}

const environments = new Map<string, Environment>();

/** The environment in which these names have these types. */
function environmentOf(types: KnownTypes): Environment {
  const key = JSON.stringify(types);
  let known = environments.get(key);
  if (known === undefined) {
    known = environment.clone();
    for (const [name, schema] of Object.entries(types)) known.registerVariable({ name, schema: celSchema(schema) });
    if (environments.size > 100) environments.clear();
    environments.set(key, known);
  }
  return known;
}

function inferType(expression: string, types: KnownTypes): OutputType | undefined | ExpressionError {
  try {
    const { error, type } = environmentOf(types).parse(expression).check();
    if (error !== undefined) return toExpressionError(error, expression);
    const name = String(type);
    return RESULTS.get(name) ?? (name.startsWith('list') ? 'list' : name.startsWith('map') || name.startsWith('$') ? 'map' : undefined);
  } catch (error) {
    return toExpressionError(error, expression);
  }
}

const RESULTS: ReadonlyMap<string, OutputType> = new Map(
  (['string', 'int', 'double', 'bool', 'map', 'list', 'dyn'] as const).map((name) => [name, name]),
);

type CelSchema = { [name: string]: string | CelSchema };

/** A double may turn out to be a whole number, which is an int when it is evaluated. */
const resultType = (type: OutputType): OutputType => (type === 'double' ? 'dyn' : type);

function celSchema(schema: KnownTypes[string]): CelSchema {
  const entries = Object.entries(schema).map(([name, type]): [string, string | CelSchema] => {
    if (typeof type === 'object') return [name, celSchema(type)];
    return [name, resultType(type)];
  });
  return Object.fromEntries(entries);
}
