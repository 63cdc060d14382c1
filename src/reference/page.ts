// A page of the reference as data: made from definitions once, shown by the terminal and by the documentation alike.

/** A key of a map, or what every key of it holds (`<name>`). Texts are Markdown with inline code only. */
export interface Field {
  name: string;
  type: string;
  required: boolean;
  description: string;
  default?: unknown;
  fields: Field[];
}

export type Block =
  | { kind: 'text'; text: string }
  | { kind: 'code'; language: string; text: string }
  | { kind: 'list'; items: string[] }
  | { kind: 'table'; head: string[]; rows: string[][] }
  | { kind: 'fields'; fields: Field[] };

export interface Section {
  title: string;
  blocks: Block[];
}

export interface Page {
  /** What kind of thing is explained: step, key, rule, alert, technique, function, overview. */
  kind: string;
  /** How it is asked for: `exec.expect`. */
  name: string;
  /** What it is, in a few words, where the name does not say so. */
  title?: string;
  /** One sentence. */
  summary: string;
  sections: Section[];
}

export const text = (content: string): Block => ({ kind: 'text', text: content });
export const code = (content: string, language = 'yaml'): Block => ({ kind: 'code', language, text: content.trimEnd() });
export const list = (items: string[]): Block => ({ kind: 'list', items });
export const fields = (content: Field[]): Block => ({ kind: 'fields', fields: content });
export const table = (head: string[], rows: string[][]): Block => ({ kind: 'table', head, rows });

/** A section, or none where nothing is to be said. */
export function section(title: string, ...blocks: Block[]): Section[] {
  const said = blocks.filter((block) => !isEmpty(block));
  return said.length === 0 ? [] : [{ title, blocks: said }];
}

function isEmpty(block: Block): boolean {
  switch (block.kind) {
    case 'table':
      return block.rows.length === 0;
    case 'list':
      return block.items.length === 0;
    case 'fields':
      return block.fields.length === 0;
    default:
      return block.text.trim() === '';
  }
}
