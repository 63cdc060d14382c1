// The page on a whole playbook: its keys, and those that every step may have.
import { playbookSchema, stepSchema } from '../language/envelope.ts';
import { matcherSchema } from '../language/matcher.ts';
import type { StepDefinition } from '../steps/step.ts';
import { code, fields, list, type Page, section, text } from './page.ts';
import { demandsOf, fieldsOf } from './schema-words.ts';

export function playbookPage(steps: readonly StepDefinition[]): Page {
  const step = stepSchema({}, { type: 'object' });
  const types = steps.map(({ type }) => `\`${type}\``).join(', ');
  return {
    kind: 'playbook',
    name: 'playbook',
    summary: 'A playbook is one YAML file: an attack scenario for Kubernetes, and the alerts that should come.',
    sections: [
      ...section('Keys', fields(fieldsOf(playbookSchema({ type: 'object' })))),
      ...section(
        'Keys of a step',
        text(`Besides these, a step has exactly one key that names its type (${types}), or \`parallel\`, or \`uses\`.`),
        list(demandsOf(step)),
        fields(fieldsOf(step)),
      ),
      ...section(
        'Matchers',
        text(
          'What is expected is written the same way everywhere: a text, number, `true` or `false` to be equal to, or a map of these, all of which must hold.',
        ),
        fields(fieldsOf(matcherSchema)),
        code('expect: {exitCode: 0, stdout: {contains: 443/tcp open, matches: "^Nmap"}}'),
      ),
    ],
  };
}
