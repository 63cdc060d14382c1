// Findings of lint as a person reads them: place, message, source line, underline, hint; at the end the pages of the rules.
import pc from 'picocolors';
import type { Finding } from '../../language/source.ts';
import { plain, plainName } from './plain.ts';
import { type LintReport, pageOf } from './report.ts';
import { width } from './width.ts';

/** One block per finding: `file:line:col: severity: message [rule]`, the source line, caret and underline, the hint; then where each rule is explained. */
export function lintText({ findings, colour }: Pick<LintReport, 'findings' | 'colour'>): string {
  const { bold, red, yellow, cyan, dim } = pc.createColors(colour);
  const paint = { error: red, warning: yellow, info: cyan };
  const blocks = findings.map(({ file, line, column, severity, rule, message, hint, excerpt }) => {
    const gutter = ' '.repeat(String(line).length);
    return [
      `${bold(`${plainName(file)}:${line}:${column}:`)} ${paint[severity](`${severity}:`)} ${plain(message)} ${dim(`[${rule}]`)}`,
      ...(excerpt.text === ''
        ? []
        : [`  ${dim(`${line} |`)} ${plain(excerpt.text)}`, `  ${dim(`${gutter} |`)} ${paint[severity](underline(excerpt))}`]),
      ...(hint === undefined ? [] : [`  ${dim(`${gutter} =`)} ${plain(hint)}`]),
    ];
  });
  const rules = [...new Set(findings.map(({ rule }) => rule))].sort();
  const longest = Math.max(...rules.map(({ length }) => length));
  const pages = rules.map((rule) => dim(`see  sim explain ${rule.padEnd(longest)}  ${pageOf(rule)}`));
  return [...blocks.flat(), ...(pages.length > 0 ? ['', ...pages] : [])].map((line) => `${line}\n`).join('');
}

function underline({ text, start, length }: Finding['excerpt']): string {
  const before = width(plain(text.slice(0, start)));
  const marked = width(plain(text.slice(start, start + length)));
  return `${' '.repeat(before)}^${'~'.repeat(Math.max(1, marked) - 1)}`;
}

/** "2 errors, 1 warning in 3 files", or that nothing was found; what `--fix` mended comes first. */
export function lintSummary(findings: readonly Finding[], files: number, fixed = 0): string {
  const many = (number: number, word: string) => `${number} ${word}${number === 1 ? '' : 's'}`;
  const count = (severity: Finding['severity'], word: string) => {
    const number = findings.filter((finding) => finding.severity === severity).length;
    return number === 0 ? [] : [many(number, word)];
  };
  const counts = [...count('error', 'error'), ...count('warning', 'warning'), ...count('info', 'note')];
  const mended = fixed === 0 ? '' : `${many(fixed, 'finding')} fixed; `;
  return `${mended}${counts.length === 0 ? 'no findings' : counts.join(', ')} in ${many(files, 'file')}`;
}
