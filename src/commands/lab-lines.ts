// What a lab does, a line for each event with the time since the beginning.
import type { LabEvent } from '../lab/driver.ts';
import { colours, safe } from '../reporters/format.ts';

/** One line, with its end. */
export function labLine(event: LabEvent, colour: boolean): string {
  const { dim, green, cyan } = colours(colour);
  const at = dim(clock(event.seconds));
  switch (event.type) {
    case 'start':
      return `${at} ${cyan('>')} ${event.stage}\n`;
    case 'tick':
      return `${at} ${dim('.')} ${event.stage}: ${event.took.toFixed(0)} s${event.line === '' ? '' : dim(`, ${safe(event.line).slice(0, 100)}`)}\n`;
    case 'note':
      return `${at} ${cyan('!')} ${event.stage}: ${safe(event.text)}\n`;
    case 'end':
      return `${at} ${green('ok')} ${event.stage}: ${event.note === '' ? '' : `${event.note}, `}${event.took.toFixed(1)} s\n`;
  }
}

function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${String(Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`;
}
