// What an alert source tells, one line each: for people who watch it, and who look for the id by which they can name an alert.
import type { NormalisedAlert, SourceCheck, SourceEvent } from '../ports/alerts.ts';
import { type Colours, duration, safe } from './format.ts';

const SEVERITY_WIDTH = 'informational'.length;

/** Time, severity, name, the product's own type, and what it is about. */
export function alertLine({ name, type, severity, times, count, entities }: NormalisedAlert, paint: Colours): string {
  const at = times.last ?? times.first ?? times.generated ?? times.seen;
  const { cluster, namespace, pod, container, node, user } = entities;
  const place = [namespace, pod, container].filter((part) => part !== undefined).join('/') || node || cluster || '-';
  const parts = [
    paint.dim(new Date(at).toISOString()),
    severityWord(severity, paint),
    paint.bold(oneLine(name)),
    `type=${type === undefined ? '-' : oneLine(type)}`,
    `pod=${oneLine(place)}`,
    ...(user === undefined ? [] : [`user=${oneLine(user)}`]),
    ...(count > 1 ? [`count=${count}`] : []),
  ];
  return `${parts.join('  ')}\n`;
}

function severityWord(severity: NormalisedAlert['severity'], paint: Colours): string {
  const word = (severity ?? '-').padEnd(SEVERITY_WIDTH);
  if (severity === 'high' || severity === 'critical') return paint.red(word);
  return severity === 'medium' ? paint.yellow(word) : word;
}

const oneLine = (text: string): string => safe(text).replace(/\s+/g, ' ');

/** What is no alert: gaps and the clock's difference. Heartbeats say nothing to people. */
export function sourceLine(event: Exclude<SourceEvent, { type: 'alert' }>, paint: Colours): string | undefined {
  switch (event.type) {
    case 'gap':
      return `${paint.yellow('gap')}  ${duration(event.to - event.from)} until ${new Date(event.to).toISOString()}: ${oneLine(event.reason)}\n`;
    case 'clock': {
      const { offset, uncertainty } = event;
      const way = offset < 0 ? 'behind' : 'ahead of';
      return `${paint.dim('clock')}  ${duration(Math.abs(offset))} ${way} ours, give or take ${duration(uncertainty)}\n`;
    }
    default:
      return undefined;
  }
}

/** The outcome of a check, with what to do. */
export function checkLine({ title, result, message, hint }: SourceCheck, paint: Colours): string {
  const word = { ok: paint.green('ok  '), warning: paint.yellow('warn'), failed: paint.red('fail') }[result];
  const more = hint === undefined ? '' : `        ${paint.dim(oneLine(hint))}\n`;
  return `  ${word}  ${oneLine(title)}: ${oneLine(message)}\n${more}`;
}
