// Does an alert speak of a behaviour of the catalogue?
import type { NormalisedAlert } from '../ports/alerts.ts';
import { normaliseAlertName } from './alert-name.ts';
import type { AlertEntry } from './catalogue.ts';

/** True when the alert's type id, or its name, is one that its product has for this behaviour. An inferred type id is not enough. */
export function matchesEntry(entry: AlertEntry, alert: Pick<NormalisedAlert, 'product' | 'name' | 'type'>): boolean {
  if (!Object.hasOwn(entry.products, alert.product)) return false;
  const { names = [], types = [], rules = [] } = entry.products[alert.product] ?? {};
  if (types.some(({ id, evidence }) => id === alert.type && evidence !== 'inferred')) return true;
  const name = normaliseAlertName(alert.name);
  return [...names, ...rules.map((rule) => rule.name)].some((known) => normaliseAlertName(known) === name);
}
