// Progress as plain lines, for pipes, logs and several playbooks at once.

import type { Catalogue } from '../alerts/catalogue.ts';
import type { Observer } from '../engine/events.ts';
import { type Colours, clockText, duration, problemText, safe, stepWord } from './format.ts';
import { verdictText } from './verdict-text.ts';

export interface LinesOptions {
  write(text: string): void;
  catalogue: Catalogue;
  paint: Colours;
  /** Whether what steps printed is shown too. */
  verbose: boolean;
  /** Before every line, where several playbooks run at once. */
  prefix?: string;
}

/** Writes a line or more for each event that matters to a person. */
export function linesReporter({ write, catalogue, paint, verbose, prefix = '' }: LinesOptions): Observer {
  const say = (text: string) =>
    write(
      text
        .replace(/\n$/, '')
        .split('\n')
        .map((line) => `${prefix}${line}\n`)
        .join(''),
    );
  const told = new Set<string>();
  const clocks = new Set<string>();
  return (event) => {
    switch (event.type) {
      case 'run-started':
        say(`${paint.bold(safe(event.playbook.title))} ${paint.dim(`run ${event.run.id}, namespace ${event.run.namespace}`)}`);
        break;
      case 'step-said':
        say(paint.dim(`    ${safe(event.text)}`));
        break;
      case 'step-finished': {
        const { step, end } = event;
        // The step that uses a file tells how the steps in it ended.
        if (step.within !== undefined && !verbose) break;
        const attack = step.attack.length > 0;
        const technique = attack ? paint.dim(` ${step.attack.join(' ')}`) : '';
        say(`  ${stepWord(end, attack, paint)} ${safe(step.name)}${technique} ${paint.dim(duration(end.milliseconds))}`);
        const problem = problemText(end);
        if (end.problem !== undefined) told.add(end.problem.message);
        if (problem !== '') say(`    ${problem}`);
        if (verbose) for (const line of outputLines(end.outputs ?? {})) say(paint.dim(`    | ${line}`));
        break;
      }
      case 'interrupted':
        say(paint.yellow(`interrupted (${event.reason}): ending the step and cleaning up; once more to leave at once`));
        break;
      case 'source-gap':
        say(paint.yellow(`  ${event.source} had a gap: ${safe(event.reason)}`));
        break;
      case 'source-clock':
        if (!clocks.has(event.source) || verbose) say(paint.dim(`  ${clockText(event)}`));
        clocks.add(event.source);
        break;
      case 'verdict-reached':
        if (event.verdicts.length + event.unexpected.length > 0)
          say(`${paint.bold('Verdict')}\n${verdictText(event.verdicts, catalogue, paint, event.unexpected)}`);
        break;
      case 'cleanup-finished':
        if (event.kept) say(paint.yellow('  everything stays on the cluster (--keep)'));
        else if (event.left.length === 0) say(`  ${paint.green('ok')} Clean up ${paint.dim(duration(event.milliseconds))}`);
        for (const { object, reason } of event.left)
          say(paint.red(`  left behind: ${object.kind} ${safe(object.name)}${reason === undefined ? '' : `: ${safe(reason)}`}`));
        break;
      case 'run-finished':
        if (event.problem !== undefined && !told.has(event.problem.message)) say(paint.red(`  ${safe(event.problem.message)}`));
        break;
    }
  };
}

/** What a step printed, line by line: its texts, each with its name. */
export function outputLines(outputs: Record<string, unknown>): string[] {
  return Object.entries(outputs).flatMap(([name, value]) => {
    if (typeof value !== 'string') return typeof value === 'object' ? [] : [`${name}: ${value}`];
    return value.trim() === ''
      ? []
      : safe(value)
          .replace(/\n$/, '')
          .split('\n')
          .map((line) => `${name}: ${line}`);
  });
}
