// What the `yaml` package says of a broken text, in words for people, at the place of the cause.
import { type Document, isCollection, isScalar, type Node, visit, type YAMLError } from 'yaml';
import type { Diagnostic, Span } from './diagnostic.ts';
import { clampSpan } from './source.ts';

const MOST = 20;
const LONGEST_SPAN = 1000;

/** The problems of a document, at most one for each line: what follows a break on its line is noise. */
export function yamlProblems({ errors, warnings, contents }: Document.Parsed, text: string): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  let lineEnd = -1;
  for (const problem of [...errors, ...warnings].sort((a, b) => a.pos[0] - b.pos[0])) {
    const span = spanOf(problem, text);
    if (span.start <= lineEnd) continue;
    const { at = span, ...words } = explain(problem, contents, text);
    diagnostics.push({ rule: 'yaml-syntax', severity: 'error', ...words, span: clampSpan(at, text.length) });
    if (diagnostics.length === MOST) break;
    lineEnd = text.indexOf('\n', span.start);
    if (lineEnd === -1) break;
  }
  return diagnostics;
}

/** The problem's place without the spaces before it, and without what follows on other lines. */
function spanOf({ pos: [from, to], code }: YAMLError, text: string): Span {
  const spaces = code === 'TAB_AS_INDENT' ? '' : (/^ */.exec(text.slice(from, from + 1000))?.[0] ?? '');
  const start = text[from + spaces.length] === '\n' ? from : from + spaces.length;
  const line = text.slice(start, Math.min(to, start + LONGEST_SPAN)).split('\n', 1)[0] ?? '';
  return { start, end: start + Math.max(1, line.length) };
}

interface Explained {
  message: string;
  hint?: string;
  at?: Span;
}

const IN_QUOTES = 'put the value in quotes';
const COLUMNS = 'the keys of one map stand in one column, and so do the items of one list';

function explain(problem: YAMLError, contents: Node | null, text: string): Explained {
  const { code, pos } = problem;
  const [start] = pos;
  const plain = problem.message.replace(/ at line \d+, column \d+[\s\S]*$/, '').replace(/\.+$/, '');
  if (
    /^\{\{ *[A-Za-z.]/.test(text.slice(start, start + 40)) ||
    (/^\{ *[A-Za-z.]/.test(text.slice(start, start + 40)) && text[start - 1] === '{')
  )
    return {
      message: '`{{` begins no expression',
      hint: 'an expression is written `${{ ... }}`; where more stands around it, in quotes',
      at: openingAt(text, start),
    };
  switch (code) {
    case 'TAB_AS_INDENT':
      return { message: 'a tab is used for indentation', hint: 'YAML is indented with spaces' };
    case 'MULTIPLE_DOCS':
      return {
        message: 'the file holds more than one document',
        hint: 'one file is one playbook: remove the `---`',
        at: { start, end: start + 3 },
      };
    case 'TAG_RESOLVE_FAILED':
      return {
        message: `tags have no meaning in a playbook: \`${text.slice(start, Math.min(problem.pos[1], start + 60)).split('\n', 1)[0]}\``,
        hint: `${IN_QUOTES} where the \`!\` is meant as text`,
      };
    case 'RESOURCE_EXHAUSTION':
      return { message: 'values are nested too deeply' };
    case 'BAD_ALIAS':
      return { message: 'an unquoted `*` or `&` at the start of a value makes it an alias or an anchor', hint: IN_QUOTES };
    case 'BAD_SCALAR_START':
      return { message: plain, hint: IN_QUOTES };
    case 'BLOCK_AS_IMPLICIT_KEY':
      if (/^[ -]/.test(text.slice(start, start + 1)) && text.slice(text.lastIndexOf('\n', start - 1) + 1, start).trim() === '') break;
      return { message: 'a colon and a space inside unquoted text begin a map', hint: IN_QUOTES, at: restOfLine(text, start) };
    case 'MULTILINE_IMPLICIT_KEY':
      return { message: 'this line is no `key: value`', hint: 'a key is followed by a colon and a space' };
    case 'BAD_DQ_ESCAPE':
      return {
        message: `${plain.replace(/^Invalid escape sequence (\S+)$/, '`$1` has no meaning in double quotes')}`,
        hint: 'in single quotes `\\` is plain text',
        at: { start, end: start + 2 },
      };
    case 'UNEXPECTED_TOKEN':
      if (!/["']/.test(text.slice(text.lastIndexOf('\n', start - 1) + 1, start))) break;
      return {
        message: 'something stands behind the closing quote',
        hint: "inside double quotes write `\\\"`, inside single quotes `''`, or put the other kind of quotes around",
      };
    case 'MISSING_CHAR':
    case 'BAD_INDENT': {
      const open = /^Missing closing|to end with|end with a/.test(plain) ? unclosed(contents, start, text) : undefined;
      if (open === undefined) break;
      return { message: `the \`${text[open]}\` is not closed`, at: { start: open, end: open + 1 } };
    }
  }
  const indentation = /indicator|implicit|must start at the same column|indented|indentation/.test(plain);
  if (!indentation) return { message: plain };
  const { start: first } = spanOf(problem, text);
  const word = /^[^\s:]+/.exec(text.slice(first, first + 100))?.[0] ?? '';
  const message = 'this line is indented differently from what it belongs to';
  return { message, hint: COLUMNS, ...(word === '' ? {} : { at: { start: first, end: first + word.length } }) };
}

const restOfLine = (text: string, start: number): Span => {
  const end = text.indexOf('\n', start);
  return { start, end: start + text.slice(start, end === -1 ? text.length : end).trimEnd().length };
};

/** From `{{` to `}}`, on one line. */
function openingAt(text: string, start: number): Span {
  const first = text[start - 1] === '{' ? start - 1 : start;
  const line = restOfLine(text, first);
  const close = text.indexOf('}}', first);
  return { start: first, end: close === -1 || close > line.end ? line.end : close + 2 };
}

/** Where the innermost quote or bracket begins that is still open at an offset. */
function unclosed(contents: Node | null, at: number, text: string): number | undefined {
  let open: number | undefined;
  visit(contents, {
    Node(_, node) {
      const [start, , end] = (node as Node).range ?? [0, 0, 0];
      if (at < start || at > end) return undefined;
      const opens = isScalar(node) ? /^QUOTE/.test(node.type ?? '') : isCollection(node) && node.flow === true;
      if (opens && /["'[{]/.test(text[start] ?? '')) open = start;
      return undefined;
    },
  });
  return open;
}
