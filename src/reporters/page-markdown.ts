// A page of the reference as Markdown, for docs/reference.
import type { Block, Field, Page, Section } from '../reference/page.ts';

/** `level`: of the page's own heading; its sections are one below. */
export function pageMarkdown({ name, title, summary, sections }: Page, level = 1): string {
  const heading = `${'#'.repeat(level)} ${title === undefined ? name : `${name}: ${title}`}`;
  return [heading, escaped(summary), ...sections.flatMap((section) => sectionMarkdown(section, level + 1))].join('\n\n');
}

function sectionMarkdown({ title, blocks }: Section, level: number): string[] {
  return [...(title === '' ? [] : [`${'#'.repeat(level)} ${title}`]), ...blocks.map(blockMarkdown)];
}

function blockMarkdown(block: Block): string {
  switch (block.kind) {
    case 'text':
      return escaped(block.text);
    case 'code':
      return `${fence(block.text)}${block.language}\n${block.text}\n${fence(block.text)}`;
    case 'list':
      return block.items.map((item) => `- ${escaped(item)}`).join('\n');
    case 'table':
      return tableMarkdown(block.head, block.rows);
    case 'fields':
      return tableMarkdown(['key', 'type', 'required', 'description'], rowsOf(block.fields, ''));
  }
}

function rowsOf(fields: readonly Field[], prefix: string): string[][] {
  return fields.flatMap(({ name, type, required, description, default: standard, fields: inner }) => [
    [`\`${prefix}${name}\``, type, required ? 'yes' : '', `${description}${standard === undefined ? '' : ` Default: \`${standard}\`.`}`],
    ...rowsOf(inner, `${prefix}${name}.`),
  ]);
}

function tableMarkdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => escaped(cell).replaceAll('|', '\\|').replace(/\s+/g, ' ')).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

/** Longer than any run of backticks inside. */
const fence = (content: string): string => '`'.repeat(Math.max(3, ...[...content.matchAll(/`+/g)].map(([run]) => run.length + 1)));

/** What Markdown would take for HTML, outside of inline code. */
const escaped = (content: string): string =>
  content
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replaceAll('<', '&lt;')))
    .join('');
