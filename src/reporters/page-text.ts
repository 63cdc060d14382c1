// A page of the reference for a terminal, as `kubectl explain` does it.
import type { Block, Field, Page } from '../reference/page.ts';
import { type Colours, table } from './format.ts';
import { wrapped } from './wrap.ts';

export interface PageTextOptions {
  paint: Colours;
  /** Columns of the terminal. */
  columns: number;
}

const INDENT = '  ';

export function pageText({ name, title, summary, sections }: Page, { paint, columns }: PageTextOptions): string {
  const width = Math.max(40, Math.min(columns, 120));
  const head = `${paint.bold(name)}${title === undefined ? '' : `  ${title}`}`;
  const parts = sections.map(({ title: heading, blocks }) => {
    const body = blocks.map((block) => indented(blockText(block, { paint, columns: width - INDENT.length }))).join('\n');
    return heading === '' ? body : `${paint.bold(heading.toUpperCase())}\n${body}`;
  });
  return `${[`${head}\n${inline(wrapped(summary, width), paint)}\n`, ...parts].join('\n')}`;
}

function blockText(block: Block, { paint, columns }: PageTextOptions): string {
  const lines = (content: string, width: number) => inline(wrapped(content, width), paint);
  switch (block.kind) {
    case 'text':
      return `${block.text
        .split(/\n{2,}/)
        .map((paragraph) =>
          paragraph.startsWith('    ') || /^[-*] /m.test(paragraph) ? inline(paragraph, paint) : lines(paragraph, columns),
        )
        .join('\n\n')}\n`;
    case 'code':
      return `${paint.dim(block.text)}\n`;
    case 'list':
      return block.items.map((item) => `- ${indented(lines(item, columns - 2), '  ').trimStart()}\n`).join('');
    case 'fields':
      return block.fields.map((field) => fieldText(field, { paint, columns })).join('');
    case 'table':
      return rowsText(block.rows, { paint, columns });
  }
}

/** Columns where they fit the terminal; else each row as its first cell, and the rest under it. */
function rowsText(rows: readonly (readonly string[])[], { paint, columns }: PageTextOptions): string {
  const bare = table(rows.map((row) => row.map(withoutMarks)));
  if (bare.split('\n').every((line) => line.length <= columns)) return table(rows.map((row) => row.map((cell) => inline(cell, paint))));
  return rows
    .map(([first = '', ...rest]) => {
      const below = rest.filter((cell) => cell !== '').map((cell) => indented(inline(wrapped(cell, columns - 4), paint), '    '));
      return `${inline(first, paint)}\n${below.map((cell) => `${cell}\n`).join('')}`;
    })
    .join('');
}

function fieldText(field: Field, { paint, columns }: PageTextOptions): string {
  const { name, type, required, description, default: standard } = field;
  const facts = [`<${withoutMarks(type)}>`, ...(required ? ['required'] : []), ...(standard === undefined ? [] : [`default ${standard}`])];
  const said = description === '' ? '' : `${indented(inline(wrapped(description, columns - 4), paint), '    ')}\n`;
  const inner = field.fields.map((each) => indented(fieldText(each, { paint, columns: columns - 2 }))).join('');
  return `${paint.cyan(name)} ${paint.dim(facts.join(', '))}\n${said}${inner}`;
}

const withoutMarks = (content: string): string => content.replace(/`/g, '');

/** Inline code in colour; where there is none, in its backticks. */
const inline = (content: string, paint: Colours): string =>
  paint.isColorSupported ? content.replace(/`([^`\n]+)`/g, (_, quoted: string) => paint.cyan(quoted)) : content;

const indented = (content: string, by = INDENT): string => content.replace(/^(?=.)/gm, by);
