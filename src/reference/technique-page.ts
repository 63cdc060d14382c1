// The page of an ATT&CK technique: what it is, and which alerts of the catalogue belong to it.
import { ATTACK_VERSION } from '../language/attack-data.ts';
import type { Definitions, TechniqueFacts } from './definitions.ts';
import { list, type Page, section, table, text } from './page.ts';

export function techniquePage({ id, name, tactics }: TechniqueFacts, { alerts }: Pick<Definitions, 'alerts'>): Page {
  const own = [...alerts.values()].filter(({ attack }) => attack.includes(id));
  return {
    kind: 'technique',
    name: id,
    title: name,
    summary: `A technique of MITRE ATT&CK ${ATTACK_VERSION}.`,
    sections: [
      ...section('Tactics', list([...tactics])),
      ...section(
        'Alerts',
        table(
          ['id', 'what happened'],
          own.map((alert) => [`\`${alert.id}\``, alert.description]),
        ),
      ),
      ...section('More', text(`https://attack.mitre.org/techniques/${id.replace('.', '/')}/`)),
    ],
  };
}
