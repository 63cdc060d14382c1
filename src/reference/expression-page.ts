// The page on expressions: what they can read, which functions there are, and where they may stand.
import { type CelFunction, celFunctions } from '../language/cel-functions.ts';
import { RUN_FACT_MEANINGS } from '../language/check-expression.ts';
import type { JsonSchema } from '../language/definition.ts';
import { evaluateCel } from '../language/expression.ts';
import { type Definitions, documentsOf } from './definitions.ts';
import { code, list, type Page, section, table, text } from './page.ts';
import { childrenOf } from './schema-words.ts';

/** What an operator does, and an expression whose value is worked out when the page is made. */
const OPERATORS: readonly (readonly [operator: string, meaning: string, example: string])[] = [
  ['`==` `!=`', 'equal, not equal', '1 == 1'],
  ['`<` `<=` `>` `>=`', 'order of numbers and texts', '2 >= 1'],
  ['`+`', 'sum; texts and lists one after the other', '"port " + string(443)'],
  ['`-` `*` `/`', 'difference, product, quotient; of whole numbers the whole quotient', '7 / 2'],
  ['`%`', 'remainder', '7 % 2'],
  ['`&&` `||` `!`', 'and, or, not', '!(true && false)'],
  ['`? :`', 'one value or the other', '1 > 2 ? "a" : "b"'],
  ['`in`', 'whether a list has the item, or a map the key', '443 in [80, 443]'],
  ['`.` `[]`', 'a field of a map, an item of a list', '{"ports": [80, 443]}.ports[1]'],
];

export function expressionPage({ steps }: Pick<Definitions, 'steps'>): Page {
  const places = placesOf(documentsOf(steps).playbook?.schema ?? {});
  return {
    kind: 'expressions',
    name: 'expressions',
    summary: 'Expressions are CEL, the language that Kubernetes itself uses.',
    sections: [
      ...section(
        'How they are written',
        text(
          'In any text of a step they stand in `${{ }}`. A text that is one expression keeps the type of its value; anywhere else the value becomes part of the text. Conditions are bare CEL, without `${{ }}`.',
        ),
        code('when: inputs.mode == "split"\nexec: {pod: victim, command: [nmap, -p, "${{ inputs.port }}"]}'),
      ),
      ...section(
        'What they can read',
        table(
          ['name', 'what it is'],
          [
            ['`inputs.<name>`', 'The value of an input.'],
            ['`variables.<name>`', 'A text of `variables`; a variable may read those above it.'],
            ['`steps.<id>.<output>`', 'What an earlier step yielded; the page of each step type lists its outputs.'],
            ...Object.entries(RUN_FACT_MEANINGS).map(([name, meaning]) => [`\`run.${name}\``, meaning]),
          ],
        ),
      ),
      ...section('Operators', table(['operator', 'meaning', 'example', 'gives'], OPERATORS.map(operatorRow))),
      ...section('Functions', table(['function', 'what it does', 'forms'], celFunctions().map(functionRow))),
      ...section(
        'Bare CEL stands at',
        table(
          ['key', 'reads'],
          places.filter(({ mode }) => mode === 'cel').map(({ path, reads }) => [`\`${path}\``, reads]),
        ),
      ),
      ...section(
        'Where only `inputs` may be used',
        text('What is created or contacted is known before the run, so that plan and permissions are exact.'),
        list(places.filter(({ mode }) => mode === 'inputs').map(({ path }) => `\`${path}\``)),
      ),
    ],
  };
}

export function functionPage({ name, description, signatures }: CelFunction): Page {
  return { kind: 'function', name, summary: description, sections: section('Forms', list(signatures.map((each) => `\`${each}\``))) };
}

const operatorRow = ([operator, meaning, example]: (typeof OPERATORS)[number]): string[] => [
  operator,
  meaning,
  `\`${example}\``,
  `\`${JSON.stringify(evaluateCel(example, {}))}\``,
];

const functionRow = ({ name, description, signatures }: CelFunction): string[] => [
  `\`${name}\``,
  description,
  signatures.map((each) => `\`${each}\``).join(', '),
];

interface Place {
  path: string;
  mode: string;
  reads: string;
}

/** The places that the schema marks with `x-expression`, each once. */
function placesOf(schema: JsonSchema): Place[] {
  const found = new Map<string, Place>();
  const visit = (part: JsonSchema, path: string, depth: number): void => {
    if (typeof part === 'boolean' || depth > 12) return;
    const mode = part['x-expression'];
    const names = part['x-variables'];
    if (typeof mode === 'string') {
      const own = Array.isArray(names) ? names : ['inputs', 'variables', 'steps', 'run'];
      found.set(path, { path, mode, reads: own.map((name) => `\`${name}\``).join(', ') });
    }
    for (const [name, child] of childrenOf(part)) visit(child.schema, path === '' ? name : `${path}.${name}`, depth + 1);
  };
  visit(schema, '', 0);
  return [...found.values()];
}
