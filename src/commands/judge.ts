// What the catalogue knows of alerts, as the engine asks for it.
import type { Catalogue } from '../alerts/catalogue.ts';
import { correlate } from '../alerts/correlate.ts';
import { matchesEntry } from '../alerts/match.ts';
import type { AlertJudge } from '../engine/expectations.ts';

export function judgeBy(catalogue: Catalogue): AlertJudge {
  return {
    matches: (id, alert) => {
      const entry = catalogue.get(id);
      return entry !== undefined && matchesEntry(entry, alert);
    },
    correlate,
    covers: (id, product) => Object.hasOwn(catalogue.get(id)?.products ?? {}, product),
  };
}
