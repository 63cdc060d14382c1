// An alert matches an entry by name or sure type id, within its own product.
import { expect, test } from 'vitest';
import type { AlertEntry } from '../../src/alerts/catalogue.ts';
import { matchesEntry } from '../../src/alerts/match.ts';

const entry: AlertEntry = {
  id: 'metadata',
  title: 'Metadata',
  description: 'Metadata was read.',
  attack: ['T1552.005'],
  needs: ['network'],
  products: {
    'defender-for-cloud': {
      names: ['Access to cloud metadata service detected'],
      types: [
        { id: 'K8S.NODE_ImdsCall', evidence: 'published' },
        { id: 'K8S.NODE_Guess', evidence: 'inferred' },
      ],
    },
    falco: { rules: [{ name: 'Contact cloud metadata service from container', maturity: 'incubating' }] },
  },
};

test.each([
  ['the name', { product: 'defender-for-cloud', name: 'access to CLOUD metadata service detected (Preview)' }, true],
  ['the type id', { product: 'defender-for-cloud', name: 'renamed', type: 'K8S.NODE_ImdsCall' }, true],
  ['a rule', { product: 'falco', name: 'Contact cloud metadata service from container' }, true],
  ['an inferred type id alone', { product: 'defender-for-cloud', name: 'renamed', type: 'K8S.NODE_Guess' }, false],
  ['a part of the name', { product: 'defender-for-cloud', name: 'Access to cloud metadata service' }, false],
  ["another product's name", { product: 'falco', name: 'Access to cloud metadata service detected' }, false],
  ['an unknown product', { product: 'constructor', name: 'Access to cloud metadata service detected' }, false],
])('%s', (_, alert, expected) => {
  expect(matchesEntry(entry, alert)).toBe(expected);
});
