// What shows that a control stopped an attack, as the playbook says it: a key beside `expect`, looked at only where that does not hold.
import type { JsonSchema } from '../language/definition.ts';
import { type Matcher, matcherSchema, mismatch } from '../language/matcher.ts';
import type { Prevention } from './step.ts';

/** `by`, and matchers of what the step yields, by name. */
export type PreventionBody = { by: string } & Record<string, Matcher>;

/** The schema of the key `prevented` of a step that yields these; at least one of them must be looked at. */
export function preventedSchema<Yields extends string>(yields: Readonly<Record<Yields, string>>) {
  const names = Object.keys(yields) as Yields[];
  const properties = Object.fromEntries(names.map((name) => [name, { ...matcherSchema, description: yields[name] }]));
  return {
    type: 'object',
    additionalProperties: false,
    required: ['by'],
    minProperties: 2,
    'x-example': `{by: a network policy, ${names[0]}: {contains: denied}}`,
    description: 'What shows that a control stopped it, where `expect` does not hold: the attack then counts as prevented.',
    properties: {
      by: { type: 'string', minLength: 1, description: 'The control, as a noun, e.g. `a network policy`.' },
      ...properties,
    },
  } as const satisfies JsonSchema;
}

/** The prevention, where all that the playbook names was seen; undefined where it names nothing or not all was. */
export function preventionIn(body: PreventionBody | undefined, seen: Readonly<Record<string, unknown>>): Prevention | undefined {
  if (body === undefined) return undefined;
  const { by, ...matchers } = body;
  const named = Object.entries(matchers);
  if (named.some(([name, matcher]) => mismatch(name, matcher, seen[name]) !== undefined)) return undefined;
  return { by, evidence: named.map(([name]) => `${name} is ${shown(seen[name])}`).join(', ') };
}

const LONGEST_SHOWN = 200;

function shown(value: unknown): string {
  const text = String(value).trim();
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}...` : text;
}
