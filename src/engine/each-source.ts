// Expectations of each source for itself: where it is the sources that are tried, one that is quick must not hide one that is silent.
import type { AlertSource } from '../ports/alerts.ts';
import type { Registered } from './attack-of.ts';

/** Whether the product has an alert of this id in the catalogue. */
export type Raises = (alert: string, product: string) => boolean;

/** One expectation for each source: the first of an alert that its product raises, else the first at all, which is then unverified. */
export function ofEachSource(registered: readonly Registered[], sources: readonly AlertSource[], raises: Raises): Registered[] {
  return sources.flatMap(({ name, product }) => {
    const chosen = registered.find(({ expectation }) => raises(expectation.alert, product)) ?? registered[0];
    return chosen === undefined ? [] : [{ ...chosen, expectation: { ...chosen.expectation, source: name } }];
  });
}
