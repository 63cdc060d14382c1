// Comments that switch rules off for one line: `# sim-lint-disable-next-line rule, other-rule -- reason`.
import { Lexer } from 'yaml';
import type { Diagnostic, Edit, Span } from './diagnostic.ts';
import type { RuleInfo } from './rule-info.ts';
import { hintFor } from './suggest.ts';

const invalidDisable: RuleInfo = {
  id: 'invalid-disable',
  severity: 'warning',
  summary: 'A comment that switches a rule off names rules that exist and may be switched off, and says why.',
  why: `Write \`# sim-lint-disable-next-line rule, other-rule -- reason\` on the line above the finding. Without a reason nobody can later tell whether it still holds, so the comment has no effect until it has one.

What makes a playbook unable to run (\`unknown-key\`, \`yaml-syntax\` and the other findings of the language itself) cannot be switched off, for a run would refuse it all the same. A comment may switch off a security rule only where the configuration that is pinned with \`--config\` says \`inlineSecurity: true\`.`,
};

const unusedDisable: RuleInfo = {
  id: 'unused-disable',
  severity: 'warning',
  summary: 'A comment that switches a rule off for a line where the rule finds nothing is a leftover.',
  why: 'It would hide the next mistake on that line. Delete it; `sim lint --fix` does.',
};

/** Findings about the comments themselves. */
export const disableRules: readonly RuleInfo[] = [invalidDisable, unusedDisable];

interface Word {
  id: string;
  span: Span;
}

interface DisableComment {
  span: Span;
  /** What comes after `sim-lint-`. */
  verb: string;
  rules: Word[];
  reason: string;
  /** The line that it speaks of. */
  target: Span;
}

/** A rule that a comment switches off. */
interface Active {
  word: Word;
  comment: DisableComment;
  used: boolean;
}

/** Which rules may be switched off, and by whom. */
export interface DisableTerms {
  /** Rules of meaning, by id. */
  rules: ReadonlyMap<string, RuleInfo>;
  /** Ids of findings that nothing can switch off. */
  locked: ReadonlySet<string>;
  /** Whether comments may switch off security rules too. */
  security: boolean;
  /** False where the rules could not be applied, and so nothing is known to be unused. */
  complete: boolean;
}

/** Of so many mistakes in one file the rest goes without a suggestion. */
const MOST_HINTS = 100;

const MARK = 'sim-lint-';
const VERB = 'disable-next-line';
const USAGE = `write \`# ${MARK}${VERB} rule -- reason\``;

/** The findings that no comment switches off, and what is wrong with the comments. */
export function applyDisables(text: string, diagnostics: readonly Diagnostic[], terms: DisableTerms): Diagnostic[] {
  if (!text.includes(MARK)) return [...diagnostics];
  const found: Diagnostic[] = [];
  const active: Active[] = [];
  for (const comment of findComments(text)) {
    const problems = problemsOf(comment, terms, found.length + comment.rules.length < MOST_HINTS);
    found.push(...problems);
    const broken = new Set(problems.map(({ span }) => span));
    if (broken.has(comment.span)) continue;
    for (const word of comment.rules) if (!broken.has(word.span)) active.push({ word, comment, used: false });
  }
  const find = byPlace(active);
  const left = diagnostics.filter(({ rule, span }) => {
    const matching = find(span.start).filter(({ word }) => word.id === rule);
    for (const each of matching) each.used = true;
    return matching.length === 0;
  });
  const unused = terms.complete ? active.filter(({ used }) => !used) : [];
  return [
    ...left,
    ...found,
    ...unused.map(
      ({ word, comment }): Diagnostic => ({
        rule: unusedDisable.id,
        severity: unusedDisable.severity,
        message: `\`${word.id}\` finds nothing on the next line`,
        hint: 'delete the comment, or the name in it',
        span: word.span,
        fix: [withoutWord(text, comment, word)],
      }),
    ),
  ];
}

/** What is switched off at an offset. Found by halving, for a file may hold thousands of comments and findings. */
function byPlace(active: readonly Active[]): (offset: number) => readonly Active[] {
  const lines = [...Map.groupBy(active, ({ comment }) => comment.target.start).entries()].sort(([a], [b]) => a - b);
  return (offset) => {
    let low = 0;
    let high = lines.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((lines[middle]?.[0] ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return (lines[low - 1]?.[1] ?? []).filter(({ comment }) => offset <= comment.target.end);
  };
}

function problemsOf(comment: DisableComment, { rules, locked, security }: DisableTerms, hints: boolean): Diagnostic[] {
  const problem = (message: string, hint: string | undefined, span: Span): Diagnostic => ({
    rule: invalidDisable.id,
    severity: invalidDisable.severity,
    message,
    span,
    ...(hint === undefined ? {} : { hint }),
  });
  if (comment.verb !== VERB) return [problem(`there is no comment \`${MARK}${comment.verb.slice(0, 40)}\``, USAGE, comment.span)];
  if (comment.rules.length === 0) return [problem('the comment names no rule', USAGE, comment.span)];
  if (comment.reason === '') return [problem('the comment gives no reason, and so has no effect', USAGE, comment.span)];
  return comment.rules.flatMap(({ id, span }) => {
    const rule = rules.get(id);
    if (locked.has(id)) return [problem(`\`${id}\` makes a playbook unable to run and cannot be switched off`, 'mend what it finds', span)];
    if (rule === undefined)
      return [problem(`there is no rule \`${id.slice(0, 60)}\``, hints ? hintFor(id, [...rules.keys()], 'there are') : undefined, span)];
    if (rule.security && !security)
      return [
        problem(
          `\`${id}\` protects who runs the playbook: a comment cannot switch it off`,
          'only where the configuration pinned with --config says `inlineSecurity: true`',
          span,
        ),
      ];
    return [];
  });
}

/** By YAML's own lexer, so that a `#` in a quoted or block scalar is none. */
function findComments(text: string): DisableComment[] {
  const comments: DisableComment[] = [];
  let at = 0;
  let scalar = false;
  for (const token of new Lexer().lex(text)) {
    // Marks of the lexer that stand for no text, unless a scalar follows, which is text whatever it looks like.
    if (!scalar && (token === '\u0002' || token === '\u0018')) continue;
    if (!scalar && token === '\u001f') {
      scalar = true;
      continue;
    }
    if (!scalar && token.startsWith('#')) {
      const comment = parseComment(text, token, at);
      if (comment !== undefined) comments.push(comment);
    }
    scalar = false;
    at += token.length;
  }
  // Comments may be stacked: each speaks of the first line below that is no such comment.
  for (let index = comments.length - 2; index >= 0; index--) {
    const [{ target }, below] = [comments[index], comments[index + 1]] as [DisableComment, DisableComment];
    const next = below.span.start <= target.end && text.slice(target.start, below.span.start).trim() === '';
    if (next) (comments[index] as DisableComment).target = below.target;
  }
  return comments;
}

function parseComment(text: string, token: string, start: number): DisableComment | undefined {
  const [, before, verb, rest] = /^(#+[ \t]*sim-lint-)([\w-]*)(.*)$/s.exec(token.trimEnd()) ?? [];
  if (before === undefined || verb === undefined || rest === undefined) return undefined;
  const dashes = /(?:^|\s)--+(?:\s|$)/.exec(rest);
  const names = dashes === null ? rest : rest.slice(0, dashes.index);
  const offset = start + before.length + verb.length;
  const end = text.indexOf('\n', start);
  const next = end === -1 ? text.length : end + 1;
  const nextEnd = text.indexOf('\n', next);
  return {
    span: { start, end: start + token.trimEnd().length },
    verb,
    rules: [...names.matchAll(/[^\s,]+/g)].map(({ 0: id, index }) => ({
      id,
      span: { start: offset + index, end: offset + index + id.length },
    })),
    reason: dashes === null ? '' : rest.slice(dashes.index + dashes[0].length).trim(),
    target: { start: next, end: nextEnd === -1 ? text.length : nextEnd },
  };
}

/** The comment without one of its rules; without its last one it goes altogether, with its line where it stands alone there. */
function withoutWord(text: string, { rules, span }: DisableComment, word: Word): Edit {
  const rest = rules.filter((each) => each !== word);
  if (rest.length > 0)
    return { start: rules[0]?.span.start ?? 0, end: rules.at(-1)?.span.end ?? 0, text: rest.map(({ id }) => id).join(', ') };
  const lineStart = text.lastIndexOf('\n', span.start - 1) + 1;
  const lineEnd = text.indexOf('\n', span.start);
  if (text.slice(lineStart, span.start).trim() === '')
    return { start: lineStart, end: lineEnd === -1 ? text.length : lineEnd + 1, text: '' };
  return { start: lineStart + text.slice(lineStart, span.start).trimEnd().length, end: span.end, text: '' };
}
