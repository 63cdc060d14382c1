// An input that nothing reads: a leftover, or a misspelt reference elsewhere.
import { parseCel } from '../language/cel.ts';
import type { Playbook } from '../language/playbook.ts';
import { allSteps } from '../language/step-tree.ts';
import { hasExpression, parseTemplate } from '../language/template.ts';
import type { Rule } from './rule.ts';

export const unusedInput: Rule = {
  id: 'unused-input',
  severity: 'warning',
  summary: 'Every input is read by some expression.',
  why: `Whoever sets it expects an effect, and there is none. Mostly the reference is misspelt, or was removed without the input.

Read it as \`inputs.<name>\` somewhere, or delete it.`,
  check(playbook) {
    const names = Object.keys(playbook.inputs);
    if (names.length === 0) return [];
    const used = usedInputs(playbook);
    return used.has('*')
      ? []
      : names
          .filter((name) => !used.has(name))
          .map((name) => ({ path: ['inputs', name], key: true, message: `nothing reads the input \`${name}\`` }));
  },
};

/** Names of the inputs that are read; `*` where an expression takes the whole map or computes the name. */
function usedInputs(playbook: Playbook): Set<string> {
  const used = new Set<string>();
  const addCel = (expression: string) => {
    for (const { root, path } of parseCel(expression).references) if (root === 'inputs') used.add(path[0] ?? '*');
  };
  const visit = (value: unknown): void => {
    if (typeof value === 'string') {
      const pieces = hasExpression(value) ? parseTemplate(value) : [];
      if (Array.isArray(pieces)) for (const piece of pieces) if ('expression' in piece) addCel(piece.expression);
    } else if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
  };
  visit(playbook.variables);
  visit(playbook.outputs);
  for (const { when, retry, body, uses } of allSteps(playbook)) {
    for (const cel of [when, retry?.until]) if (cel !== undefined) addCel(cel);
    visit(body);
    visit(uses?.with);
  }
  return used;
}
