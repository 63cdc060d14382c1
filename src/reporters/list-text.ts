// Things in a list, for a terminal of any width: columns where they fit, else one thing under the other.
import { type Colours, safe, table } from './format.ts';
import { wrapped } from './wrap.ts';

/** One thing: a cell for each column, each with its items. */
export type Row = readonly (readonly string[])[];

/** `columns`: of the terminal; undefined where there is none, and then each thing has one line, for grep and its like. */
export function listText(head: readonly string[], rows: readonly Row[], columns: number | undefined, paint: Colours): string {
  const titles = head.map((title) => title.toUpperCase());
  const clean = rows.map((row) => row.map((items) => items.map(safe)));
  if (columns === undefined) return table([titles, ...clean.map((row) => row.map((items) => items.join(',') || '-'))]);
  const lines = clean.flatMap((row) => {
    const height = Math.max(1, ...row.map((items) => items.length));
    return Array.from({ length: height }, (_, line) => row.map((items) => items[line] ?? ''));
  });
  const [first = '', ...others] = table([titles, ...lines])
    .trimEnd()
    .split('\n');
  if ([first, ...others].every((line) => line.length <= columns)) return `${[paint.dim(first), ...others].join('\n')}\n`;
  return clean.map((row) => recordText(head, row, columns, paint)).join('\n');
}

function recordText(head: readonly string[], [name = [], ...cells]: Row, columns: number, paint: Colours): string {
  const width = Math.max(...head.slice(1).map((title) => title.length));
  const room = Math.max(20, columns - width - 4);
  const lines = cells.flatMap((items, index) => {
    const [first = '', ...more] = wrapped(items.join(', '), room).split('\n');
    if (first === '') return [];
    return [`  ${paint.dim((head[index + 1] ?? '').padEnd(width))}  ${first}`, ...more.map((line) => `${' '.repeat(width + 4)}${line}`)];
  });
  return `${paint.bold(name.join(' '))}\n${lines.map((line) => `${line}\n`).join('')}`;
}
