// The page of an alert: the behaviour, and what each product calls it.
import type { AlertEntry, ProductAlert } from '../alerts/catalogue.ts';
import type { Definitions } from './definitions.ts';
import { code, list, type Page, type Section, section } from './page.ts';
import { techniqueText } from './technique-text.ts';

/** Products by the key that the catalogue has for them. */
const PRODUCTS: Readonly<Record<string, string>> = {
  'defender-for-cloud': 'Microsoft Defender for Cloud',
  elastic: 'Elastic Security',
  falco: 'Falco',
  sensor: 'The reference detector of sim',
};

export const productName = (key: string): string => PRODUCTS[key] ?? key;

export function alertPage(
  { id, title, description, attack, products }: AlertEntry,
  { techniqueOf }: Pick<Definitions, 'techniqueOf'>,
): Page {
  return {
    kind: 'alert',
    name: id,
    title,
    summary: description,
    sections: [
      ...section('Techniques', list(attack.map((technique) => techniqueText(technique, techniqueOf)))),
      ...Object.entries(products).flatMap(([key, product]) => productSection(key, product)),
      ...section('Use', code(`- expect-alert: {alert: ${id}}`)),
    ],
  };
}

function productSection(key: string, { names = [], rules = [], types = [], severity, delay, preconditions = [] }: ProductAlert): Section[] {
  return section(
    productName(key),
    list([
      ...names.map((name) => `Alert: ${name}`),
      ...rules.map(({ name, maturity }) => `Rule: ${name}${maturity === undefined ? '' : ` (${maturity})`}`),
      ...types.map((type) => `Type: \`${type.id}\` (${type.evidence})`),
      ...(severity === undefined ? [] : [`Severity: ${severity}`]),
      ...(delay === undefined ? [] : [`Delay: ${delay}`]),
      ...preconditions.map((condition) => `Needs: ${condition}`),
    ]),
  );
}
