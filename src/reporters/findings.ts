// What rules found in a recording, as text and as JSON.
import type { Finding } from '../detector/detector.ts';
import type { AlertEntities } from '../ports/alerts.ts';
import { type Colours, safe } from './format.ts';

/** A finding and what it is about. */
export interface Found {
  finding: Finding;
  entities: AlertEntities;
}

const LONGEST = 200;

/** One line: when, how grave, the rule, where, and the command line or who it was. */
export function foundText({ finding: { detection, time }, entities }: Found, paint: Colours): string {
  const { level, name } = detection;
  const grave = level === 'critical' || level === 'high' ? paint.red(level) : level === 'medium' ? paint.yellow(level) : paint.dim(level);
  const place = [entities.namespace, entities.pod].filter((each) => each !== undefined).join('/') || 'cluster';
  const what = entities.commandLines[0] ?? entities.user ?? '';
  const line = [new Date(time).toISOString(), grave, paint.bold(name), place, what.replace(/\s+/g, ' ').slice(0, LONGEST)].join('  ');
  return `${safe(line)}\n`;
}

/** A document with every finding, and how many observations were looked at. */
export function foundJson(found: readonly Found[], observations: number): string {
  const findings = found.map(({ finding: { detection, time, observations: seen }, entities }) => {
    const { id, name, title, level, alert, tags } = detection;
    return {
      time: new Date(time).toISOString(),
      rule: { id, name, title, level, tags },
      ...(alert === '' ? {} : { alert }),
      entities,
      observations: seen,
    };
  });
  return `${JSON.stringify({ version: 1, observations, findings }, null, 2)}\n`;
}
