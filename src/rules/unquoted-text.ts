// A text that is written without quotes and that YAML reads as a number or a truth value: what is used is written differently.
import type { Path, Playbook, Step } from '../language/playbook.ts';
import { allSteps } from '../language/step-tree.ts';
import { entriesOf, isMap, listAt } from '../language/untyped.ts';
import { type Placed, valuesIn } from './body.ts';
import { matchersOf } from './matchers.ts';
import type { Rule, RuleContext, RuleFinding } from './rule.ts';

export const unquotedText: Rule = {
  id: 'unquoted-text',
  severity: 'warning',
  eachStep: true,
  summary: 'A text that YAML reads as something else than what is written stands in quotes.',
  why: `A program gets its arguments as texts. Without quotes \`1.10\` is the number 1.1 to YAML, \`0o644\` is 420, \`1e3\` is 1000, \`007\` is 7 and \`True\` is \`true\`: the program is given that, and nobody sees it in the file. A number that is written as it is used, such as \`443\`, needs no quotes.

\`sim lint --fix\` puts the quotes around it.`,
  check(playbook, context) {
    const found = allSteps(playbook).flatMap((step) => placesOf(step, context));
    if (found.length === 0 || !mayChange(playbook.text)) return [];
    return found.flatMap(({ path, value }) => changed(playbook, path, value));
  },
};

type Other = number | boolean;

const isOther = (value: unknown): value is Other => typeof value === 'number' || typeof value === 'boolean';

/** Numbers and truth values of a step that are used as texts. */
function placesOf(step: Step, context: RuleContext): Placed<Other>[] {
  const { path, type, body } = step;
  const schema = context.steps.find((each) => each.type === type)?.schema;
  const contained = matchersOf(step, context).flatMap((each) =>
    each.type === 'string' && isMap(each.matcher) ? valuesIn(each.matcher.contains, [...each.path, 'contains']) : [],
  );
  return [...textsIn(schema, body, [...path, type]), ...contained.filter((each): each is Placed<Other> => isOther(each.value))];
}

/** Those that the schema takes for a text as well. */
function textsIn(schema: unknown, value: unknown, path: Path): Placed<Other>[] {
  if (isOther(value)) {
    const types = listAt(schema, 'type');
    return types.includes('string') && types.includes(typeof value) ? [{ path, value }] : [];
  }
  const { items, properties, additionalProperties } = isMap(schema) ? schema : {};
  return entriesOf(value).flatMap(([key, item]) => {
    const inner =
      typeof key === 'number' ? items : isMap(properties) && Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
    return isMap(inner) ? textsIn(inner, item, [...path, key]) : [];
  });
}

/** Where something is written, the playbook must be read once more: most hold nothing that could change. */
function mayChange(text: string): boolean {
  if (/\b(?:True|TRUE|False|FALSE)\b/.test(text)) return true;
  for (const [word] of text.matchAll(/(?<=^|[\s,[{]|["']:)[-+]?[.\d][\w.+-]*(?=[\s,\]}]|$)/g)) {
    const number = Number(word);
    if (!Number.isNaN(number) && String(number) !== word) return true;
  }
  return false;
}

function changed({ text, spanOf }: Playbook, path: Path, value: Other): RuleFinding[] {
  const span = spanOf(path);
  const written = text.slice(span.start, span.end);
  const read = String(value);
  // What stands elsewhere, behind an anchor, is told there.
  if (written === read || !/^[-+.\w]+$/.test(written)) return [];
  const message = `\`${written}\` without quotes is ${typeof value === 'number' ? 'the number ' : ''}\`${read}\`, and that is what is used`;
  return [{ path, message, hint: `write \`"${written}"\``, fix: [{ ...span, text: `"${written}"` }] }];
}
