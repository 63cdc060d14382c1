// Progress on a terminal: a live list of the steps, with listr2.
import { Listr, type ListrRenderer, type ListrTaskWrapper } from 'listr2';
import type { Catalogue } from '../alerts/catalogue.ts';
import type { Observer, RunEvent } from '../engine/events.ts';
import type { Step } from '../language/playbook.ts';
import { type Colours, clockText, duration, problemText, safe } from './format.ts';
import { outputLines } from './lines.ts';
import { verdictText } from './verdict-text.ts';

type Row = ListrTaskWrapper<unknown, typeof ListrRenderer, typeof ListrRenderer>;

interface Line {
  settled: boolean;
  title: string;
  row: PromiseWithResolvers<Row>;
  /** Resolves when the row is done; rejects where it failed. */
  done: PromiseWithResolvers<void>;
}

/** A live list for the steps of one playbook that do something. `finished` resolves when the list has been drawn for the last time. */
export function terminalReporter(
  steps: readonly Pick<Step, 'path' | 'name'>[],
  { catalogue, paint, verbose }: { catalogue: Catalogue; paint: Colours; verbose: boolean },
): { observe: Observer; finished: Promise<void> } {
  const lines = new Map<string, Line>();
  const gaps: string[] = [];
  const clocks = new Map<string, string>();
  const rowFor = (key: string, title: string) => {
    const line: Line = { settled: false, title: safe(title), row: Promise.withResolvers(), done: Promise.withResolvers() };
    const settle = () => {
      line.settled = true;
    };
    line.done.promise.then(settle, settle);
    lines.set(key, line);
    return {
      title: safe(title),
      task: (_: unknown, row: Row) => {
        line.row.resolve(row);
        return line.done.promise;
      },
      rendererOptions: { persistentOutput: true, outputBar: Number.POSITIVE_INFINITY },
    };
  };
  const list = new Listr(
    [...steps.map((step) => rowFor(step.path.join('.'), step.name)), rowFor('verdict', 'Verdict'), rowFor('cleanup', 'Clean up')],
    {
      exitOnError: false,
      // Its own listeners would end the process before the cleanup.
      registerSignalListeners: false,
      rendererOptions: { collapseErrors: false, showErrorMessage: false },
    },
  );
  const change = (key: string, work: (row: Row, line: Line) => void) => {
    // What a step of a used file says is shown beside the step that uses it.
    const line = lines.get(key) ?? lines.get(key.split('/')[0] ?? '');
    void line?.row.promise.then((row) => work(row, line));
  };
  const observe = (event: RunEvent) => {
    switch (event.type) {
      case 'step-said':
        change(event.step, (row, { title }) => {
          row.title = `${title} ${paint.dim(safe(event.text))}`;
        });
        break;
      case 'step-finished':
        if (event.step.within !== undefined) break;
        change(event.step.key, (row, line) => {
          const { end, step } = event;
          const problem = problemText(end);
          const shown = verbose ? outputLines(end.outputs ?? {}) : [];
          if (end.status === 'skipped') row.skip(`${line.title} ${paint.dim(`skipped: ${safe(end.reason ?? '')}`)}`);
          else {
            row.title = `${line.title} ${paint.dim([...step.attack, duration(end.milliseconds)].join(' '))}`;
            row.output = [...(problem === '' ? [] : [problem]), ...shown].join('\n');
          }
          if (end.status === 'failed') line.done.reject(new Error(problem));
          else line.done.resolve();
        });
        break;
      case 'interrupted':
        for (const line of lines.values()) {
          void line.row.promise.then((row) => {
            if (!line.settled) row.title = `${line.title} ${paint.yellow('interrupted: cleaning up; once more to leave at once')}`;
          });
        }
        break;
      case 'source-gap':
        gaps.push(`${event.source} had a gap: ${safe(event.reason)}`);
        break;
      case 'source-clock':
        clocks.set(event.source, clockText(event));
        break;
      case 'verdict-reached':
        change('verdict', (row, line) => {
          row.output = [...gaps, ...clocks.values(), verdictText(event.verdicts, catalogue, paint, event.unexpected)].join('\n');
          line.done.resolve();
        });
        break;
      case 'cleanup-finished':
        change('cleanup', (row, line) => {
          row.title = event.kept ? 'Clean up: everything stays (--keep)' : `Clean up ${paint.dim(duration(event.milliseconds))}`;
          row.output = event.left
            .map(({ object, reason }) => `left behind: ${object.kind} ${object.name}: ${safe(reason ?? '')}`)
            .join('\n');
          if (event.left.length > 0) line.done.reject(new Error('something was left behind'));
          else line.done.resolve();
        });
        break;
      case 'run-finished':
        for (const { done } of lines.values()) done.resolve();
        break;
    }
  };
  return { observe, finished: list.run().then(() => undefined) };
}
