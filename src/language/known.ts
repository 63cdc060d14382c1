// What of a playbook is known before it runs: everything but what reads a step's output.
import { parseCel } from './cel.ts';
import { evaluate, type Scope } from './expression.ts';
import { hasExpression, type Piece, parseTemplate } from './template.ts';

/**
 * As evaluate, but an expression that reads what the scope does not have stays as it is written; `isWhole` says whether there was none. Throws
 * ExpressionError where an expression fails.
 */
export function evaluateKnown(value: unknown, scope: Scope): { value: unknown; isWhole: boolean } {
  if (typeof value === 'string') return evaluateKnownText(value, scope);
  if (!holdsExpression(value)) return { value, isWhole: true };
  const entries = Object.entries(value as object).map(([key, item]) => [key, evaluateKnown(item, scope)] as const);
  const isWhole = entries.every(([, known]) => known.isWhole);
  if (Array.isArray(value)) return { value: entries.map(([, known]) => known.value), isWhole };
  return { value: Object.fromEntries(entries.map(([key, known]) => [key, known.value])), isWhole };
}

const holdsExpression = (value: unknown): boolean =>
  typeof value === 'string'
    ? hasExpression(value)
    : typeof value === 'object' && value !== null && Object.values(value).some(holdsExpression);

/** Those of the values that are known; the others are left out. */
export function knownOf(values: Readonly<Record<string, unknown>>, scope: Scope): Record<string, unknown> {
  const known: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(values)) {
    const evaluated = evaluateKnown(value, scope);
    if (evaluated.isWhole) known[name] = evaluated.value;
  }
  return known;
}

/** As knownOf, for variables: each may read those above it. */
export function knownVariables(variables: Readonly<Record<string, unknown>>, scope: Scope): Record<string, unknown> {
  const known: Record<string, unknown> = Object.create(null);
  for (const [name, text] of Object.entries(variables)) {
    const evaluated = evaluateKnown(text, { ...scope, variables: known });
    if (evaluated.isWhole) known[name] = evaluated.value;
  }
  return known;
}

function evaluateKnownText(text: string, scope: Scope): { value: unknown; isWhole: boolean } {
  const pieces = hasExpression(text) ? parseTemplate(text) : [];
  if (!Array.isArray(pieces) || !pieces.some((piece) => readsUnknown(piece, scope))) return { value: evaluate(text, scope), isWhole: true };
  const known = pieces.map((piece) => {
    if ('text' in piece) return piece.text;
    const written = text.slice(piece.outer.start, piece.outer.end);
    // With something before it, its value becomes text.
    return readsUnknown(piece, scope) ? written : String(evaluate(`:${written}`, scope)).slice(1);
  });
  return { value: known.join(''), isWhole: false };
}

function readsUnknown(piece: Piece, scope: Scope): boolean {
  if ('text' in piece) return false;
  return parseCel(piece.expression).references.some(({ root, path: [name] }) => {
    const group = (scope as Record<string, object | undefined>)[root];
    return group === undefined || (name !== undefined && !Object.hasOwn(group, name));
  });
}
