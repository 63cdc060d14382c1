// A playbook or an input that does not say what it is for.
import type { Rule } from './rule.ts';

export const missingDescription: Rule = {
  id: 'missing-description',
  severity: 'info',
  summary: 'The playbook and each of its inputs say in a sentence what they are for.',
  why: `Whoever is asked "Run this against your cluster?" sees the description, and decides by it. An input without one is a value that nobody dares to change.

Say what the attacker does and what should be seen; of an input, what depends on it.`,
  check({ metadata, inputs }) {
    const isSaid = (text: string | undefined) => text !== undefined && text.trim() !== '';
    return [
      ...(isSaid(metadata.description)
        ? []
        : [
            {
              path: ['metadata'],
              key: true,
              message: 'the playbook has no description',
              hint: 'say what the attacker does and what should be seen',
            },
          ]),
      ...Object.entries(inputs).flatMap(([name, { description }]) =>
        isSaid(description) ? [] : [{ path: ['inputs', name], key: true, message: `the input \`${name}\` has no description` }],
      ),
    ];
  },
};
