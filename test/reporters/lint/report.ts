// A report of lint around some findings, and one whose every text is hostile.
import { createHash } from 'node:crypto';
import type { Diagnostic } from '../../../src/language/diagnostic.ts';
import { type Finding, locate } from '../../../src/language/source.ts';
import type { LintReport } from '../../../src/reporters/lint/report.ts';
import { ruleInfos } from '../../../src/rules/lint.ts';

export const reportOf = (findings: readonly Finding[], more: Partial<LintReport> = {}): LintReport => ({
  findings,
  files: [...new Set(findings.map(({ file }) => file))],
  rules: ruleInfos,
  version: '1.2.3',
  colour: false,
  pathOf: (file) => file,
  digest: (text) => createHash('sha256').update(text).digest('hex'),
  ...more,
});

export const findingIn = (name: string, text: string, about: string, more: Partial<Diagnostic> = {}): Finding => {
  const start = text.indexOf(about);
  const [found] = locate({ name, text }, [
    { rule: 'unknown-key', severity: 'error', message: 'found', span: { start, end: start + about.length }, ...more },
  ]);
  if (found === undefined) throw new Error('no finding');
  return found;
};

/** Ends and beginnings of every format, controls, marks of direction, halves of characters. */
const HOSTILE =
  '::error file=x::owned\r\n::set-output name=a::b %0A::c \u001B[31m\u001B]0;t\u0007 \u202E\u2028 \u0000\u0085\u009B \uD800 \uFFFE ]]> <b a="1"> &amp; \' ##[error]x ##vso[task.complete]y [a](b) {0} \u{E0001}';

export const hostile: Finding = {
  ...findingIn('x', 'k: v', 'v', { message: HOSTILE, hint: HOSTILE }),
  file: `:: a/${HOSTILE}%2e, :?#.yaml`,
  excerpt: { text: HOSTILE, start: 3, length: 20 },
};
