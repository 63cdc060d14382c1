// What must hold in any case where a condition is true, so that most events can be passed over without evaluating it.
import type { ASTNode } from '@marcbachmann/cel-js';
import { parseCel } from './cel.ts';

/** A text, or one of the texts, at a place is one of these or contains one of them; or there stands `true`. `[]` in a path is each item of a list. */
export interface Need {
  path: readonly string[];
  test: 'equals' | 'contains' | 'true';
  values: readonly string[];
}

/** What holds wherever a condition is true; it may hold elsewhere, too. */
export type Needs = Need | { all: readonly Needs[] } | { any: readonly Needs[] };

/** Lists by the names that conditions give them. */
type Lists = Readonly<Record<string, readonly string[]>>;

/** The needs of a condition; undefined where none could be found. Throws ExpressionError for what is no expression. */
export function needsOf(condition: string, lists: Lists = {}): Needs | undefined {
  return needs(parseCel(condition).tree, { lists, bound: new Map() });
}

/** Needs of which one at least holds wherever all of them hold; of several choices the one that is cheapest to look at. */
export function oneOf(all: Needs): readonly Need[] {
  if ('any' in all) return all.any.flatMap(oneOf);
  if (!('all' in all)) return [all];
  return all.all.map(oneOf).reduce((best, each) => (costOf(each) < costOf(best) ? each : best));
}

interface Surroundings {
  lists: Lists;
  /** Names that macros bind, with the place that they stand for. */
  bound: ReadonlyMap<string, readonly string[]>;
}

function needs(node: ASTNode, around: Surroundings): Needs | undefined {
  switch (node.op) {
    case '&&': {
      const known = node.args.map((each) => needs(each, around)).filter((each) => each !== undefined);
      return known.length > 1 ? { all: known } : known[0];
    }
    case '||': {
      const known = node.args.map((each) => needs(each, around)).filter((each) => each !== undefined);
      return known.length > 1 ? { any: known } : undefined;
    }
    case '==':
      return need(node.args[0], 'equals', textsOf(node.args[1], around), around);
    case 'in':
      return need(node.args[0], 'equals', textsOf(node.args[1], around), around);
    case 'rcall':
      return needsOfCall(node.args, around);
    case 'id':
    case '.':
      return need(node, 'true', [], around);
    default:
      return undefined;
  }
}

function needsOfCall([name, receiver, [first, second]]: [string, ASTNode, ASTNode[]], around: Surroundings): Needs | undefined {
  if (first === undefined) return undefined;
  if (name === 'contains' || name === 'startsWith' || name === 'endsWith')
    return need(receiver, 'contains', textsOf(first, around), around);
  const list = pathOf(receiver, around);
  if (name !== 'exists' || list === undefined || first.op !== 'id' || second === undefined) return undefined;
  return needs(second, { ...around, bound: new Map([...around.bound, [first.args, [...list, '[]']]]) });
}

function need(at: ASTNode, test: Need['test'], values: string[] | undefined, around: Surroundings): Need | undefined {
  const path = pathOf(at, around);
  return path === undefined || values === undefined ? undefined : { path, test, values };
}

/** Where a variable or a member of one stands. */
function pathOf(node: ASTNode, around: Surroundings): readonly string[] | undefined {
  if (node.op === 'id') return around.bound.get(node.args) ?? (Object.hasOwn(around.lists, node.args) ? undefined : [node.args]);
  if (node.op !== '.') return undefined;
  const object = pathOf(node.args[0], around);
  return object === undefined ? undefined : [...object, node.args[1]];
}

/** A text, or a list of texts, that is written out. */
function textsOf(node: ASTNode, { lists }: Surroundings): string[] | undefined {
  if (node.op === 'value') return typeof node.args === 'string' ? [node.args] : undefined;
  if (node.op === 'id') return Object.hasOwn(lists, node.args) ? [...(lists[node.args] ?? [])] : undefined;
  if (node.op !== 'list') return undefined;
  const texts = node.args.map((item) => (item.op === 'value' ? item.args : undefined));
  return texts.every((text): text is string => typeof text === 'string') ? texts : undefined;
}

/** A text can be looked up, parts of texts must be looked for, and each list in a list is so many more places to look at. */
const costOf = (all: readonly Need[]): number =>
  Math.max(
    ...all.map(({ path, test }) => (test === 'contains' ? 2 : 1) + 3 * Math.max(0, path.filter((part) => part === '[]').length - 1)),
  );
