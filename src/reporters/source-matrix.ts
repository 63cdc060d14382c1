// Expected alerts and sources as a matrix: which of several products told what, and how fast.
import type { Catalogue } from '../alerts/catalogue.ts';
import type { SourceTold, Verdict } from '../engine/events.ts';
import { type Colours, duration, safe, table } from './format.ts';
import { alertName } from './verdict-text.ts';

/** What the words below the matrix mean; said of those that stand in it. */
const LEGEND: Partial<Record<SourceTold['state'], string>> = {
  'not yet': 'nothing until the verdict was reached',
  gap: 'it did not watch all the time',
  'cannot see': 'it has no such alert, or does not see what that needs',
};

/** A row for each expected alert, a column for each source; empty where no more than one was read. */
export function sourceMatrix(
  runs: readonly { title: string; verdicts: readonly Verdict[] }[],
  catalogue: Catalogue,
  paint: Colours,
): string {
  const told = runs.map(({ title, verdicts }) => ({ title, verdicts: verdicts.filter(({ bySource = [] }) => bySource.length > 1) }));
  const sources = [
    ...new Set(told.flatMap(({ verdicts }) => verdicts.flatMap(({ bySource = [] }) => bySource.map(({ source }) => source)))),
  ];
  if (sources.length === 0) return '';
  const several = runs.length > 1;
  const rows = told.flatMap(({ title, verdicts }) =>
    verdicts.map(({ expectation, bySource = [] }) => [
      `  ${several ? `${safe(title)}: ` : ''}${alertName(expectation.alert, catalogue)}`,
      ...sources.map((source) =>
        cell(
          bySource.find((each) => each.source === source),
          paint,
        ),
      ),
    ]),
  );
  const states = new Set(told.flatMap(({ verdicts }) => verdicts.flatMap(({ bySource = [] }) => bySource.map(({ state }) => state))));
  const legend = Object.entries(LEGEND).flatMap(([state, words]) =>
    states.has(state as SourceTold['state']) ? [`${state}: ${words}`] : [],
  );
  return [
    table([[paint.bold('Alerts by source'), ...sources.map((name) => paint.bold(safe(name)))], ...rows]),
    ...(legend.length === 0 ? [] : [`${paint.dim(`  ${legend.join('; ')}`)}\n`]),
  ].join('');
}

function cell(told: SourceTold | undefined, paint: Colours): string {
  if (told === undefined) return '-';
  if (told.state === 'seen') return paint.green(duration(told.milliseconds ?? 0));
  return told.state === 'cannot see' ? paint.dim(told.state) : paint.yellow(told.state);
}
