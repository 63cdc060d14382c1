// The page of an alert: the behaviour, and what each product calls it.
import type { AlertEntry, ProductAlert } from '../alerts/catalogue.ts';
import type { Capability } from '../ports/alerts.ts';
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

const SEEN: Readonly<Record<Capability, string>> = {
  process: 'starts of processes',
  file: 'opened files',
  network: 'connections',
  audit: 'the audit log of the API server',
};

export const productName = (key: string): string => PRODUCTS[key] ?? key;

export function alertPage(
  { id, title, description, attack, needs, products }: AlertEntry,
  { techniqueOf }: Pick<Definitions, 'techniqueOf'>,
): Page {
  return {
    kind: 'alert',
    name: id,
    title,
    summary: description,
    sections: [
      ...section('Techniques', list(attack.map((technique) => techniqueText(technique, techniqueOf)))),
      ...section('What a source must see', list(needs.map((need) => SEEN[need]))),
      ...Object.entries(products).flatMap(([key, product]) => productSection(key, product)),
      ...section('Use', code(`- expect-alert: {alert: ${id}}`)),
    ],
  };
}

function productSection(key: string, product: ProductAlert): Section[] {
  const { names = [], rules = [], types = [], needs = [], severity, delay, blocks = [], preconditions = [] } = product;
  return section(
    productName(key),
    list([
      ...names.map((name) => `Alert: ${name}`),
      ...rules.map(({ name, maturity }) => `Rule: ${name}${maturity === undefined ? '' : ` (${maturity})`}`),
      ...types.map((type) => `Type: \`${type.id}\` (${type.evidence})`),
      ...(severity === undefined ? [] : [`Severity: ${severity}`]),
      ...(delay === undefined ? [] : [`Delay: ${delay}`]),
      ...blocks.map((name) => `Stopped it, where it says: ${name}`),
      ...needs.map((need) => `Needs: ${SEEN[need]}`),
      ...preconditions.map((condition) => `Needs: ${condition}`),
    ]),
  );
}
