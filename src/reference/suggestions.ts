// What editors offer for values that no schema can list for good: alerts of the catalogue, techniques of ATT&CK.
import type { Catalogue } from '../alerts/catalogue.ts';
import { techniques } from '../language/attack.ts';
import type { Suggestions } from '../language/published-schema.ts';

/** All alerts; of the techniques those of ATT&CK's Containers matrix and those that the catalogue names, for all of them would be too long a list. */
export function suggestionsOf(alerts: Catalogue): Suggestions {
  const named = new Set([...alerts.values()].flatMap(({ attack }) => attack));
  return {
    alerts: [...alerts.values()].map(({ id, title, description }) => ({ value: id, description: `${title}. ${description}` })),
    techniques: [...techniques().values()]
      .filter(({ id, containers }) => containers || named.has(id))
      .map(({ id, name, tactics }) => ({ value: id, description: `${name} (${tactics.map((tactic) => tactic.name).join(', ')})` })),
  };
}
