// An alert as the run's log keeps it: enough to judge it anew, and never more than a few kilobytes, whatever somebody else wrote into it.
import type { AlertEntities, NormalisedAlert } from '../ports/alerts.ts';

const LONGEST_TEXT = 1024;
const MOST_TEXTS = 16;
const LARGEST_RAW = 8192;

export interface LoggedAlert {
  id: string;
  name: string;
  rung?: string;
  baseline?: true;
  alert?: NormalisedAlert;
}

/** Of an alert of this run everything, long texts cut and a large raw form left out (null); of others no more than their state. */
export function forTheLog({ alert, baseline }: { alert: NormalisedAlert; baseline?: true }, rung: string | undefined): LoggedAlert {
  const { id, name } = alert;
  const head = {
    id: short(id),
    name: short(name),
    ...(rung === undefined ? {} : { rung }),
    ...(baseline === undefined ? {} : { baseline }),
  };
  return rung === undefined ? head : { ...head, alert: bounded(alert) };
}

function bounded(alert: NormalisedAlert): NormalisedAlert {
  return {
    ...alert,
    id: short(alert.id),
    name: short(alert.name),
    techniques: alert.techniques.slice(0, MOST_TEXTS).map(short),
    entities: entitiesOf(alert.entities),
    raw: isSmall(alert.raw) ? alert.raw : null,
  };
}

function entitiesOf({ commandLines, ...named }: AlertEntities): AlertEntities {
  const texts = Object.entries(named).map(([name, text]) => [name, typeof text === 'string' ? short(text) : text]);
  return { ...Object.fromEntries(texts), commandLines: commandLines.slice(0, MOST_TEXTS).map(short) };
}

function isSmall(raw: unknown): boolean {
  try {
    return (JSON.stringify(raw) ?? '').length <= LARGEST_RAW;
  } catch {
    // One that contains itself.
    return false;
  }
}

const short = (text: string): string => (text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}...` : text);
