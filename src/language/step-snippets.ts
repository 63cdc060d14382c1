// What editors insert for a new step: one of its type from the type's own example, which a test keeps working.
import { parse, stringify } from 'yaml';
import type { StepLanguage } from './definition.ts';

/** An entry of `defaultSnippets`, as editors know it from VS Code. */
export interface Snippet {
  label: string;
  description: string;
  body: unknown;
}

/** A snippet for each step type whose example shows it. */
export function stepSnippets(stepTypes: readonly StepLanguage[]): Snippet[] {
  return stepTypes.flatMap(({ type, summary, example }) => {
    const { steps = [] } = (parse(example) ?? {}) as { steps?: Record<string, unknown>[] };
    const own = steps.filter((step) => Object.hasOwn(step, type));
    // One that stands by itself, where there is one: it reads nothing that the new playbook may not have.
    const body = own.find((step) => !/\$\{\{[^}]*\b(inputs|variables|steps)\./.test(JSON.stringify(step))) ?? own[0];
    return body === undefined ? [] : [{ label: `${type} ...`, description: summary, body: escaped(body) }];
  });
}

/** Editors write texts out as they stand, so they are quoted here where YAML asks for it; in a snippet `$` and `}` begin and end a place to fill in. */
function escaped(value: unknown): unknown {
  if (typeof value === 'string') {
    const written = stringify(value, { lineWidth: 0 }).trimEnd();
    return (written.includes('\n') ? JSON.stringify(value) : written).replace(/[\\$}]/g, '\\$&');
  }
  if (Array.isArray(value)) return value.map(escaped);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, escaped(item)]));
}
