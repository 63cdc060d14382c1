// Reads mistakes.md: playbooks with one mistake each, and what lint says first.
import { readFileSync } from 'node:fs';

export interface Mistake {
  title: string;
  /** The playbook, with what the finding must underline between `«` and `»`. */
  marked: string;
  text: string;
  /** The first finding, as it is printed in the table. */
  expected: string;
}

export const table = readFileSync(new URL('mistakes.md', import.meta.url), 'utf8');

const head = /```yaml\n([\s\S]*?)```/.exec(table)?.[1] ?? '';

export const mistakes: readonly Mistake[] = [...table.matchAll(/^### (.+)\n\n```yaml\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```$/gm)].map(
  ([, title = '', written = '', expected = '']) => {
    const marked = /^«?apiVersion/.test(written) ? written : head + written;
    return { title, marked, text: marked.replace('«', '').replace('»', ''), expected };
  },
);
