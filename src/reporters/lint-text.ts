// Findings of lint as a person reads them: place, message, source line, underline, hint.
import pc from 'picocolors';
import type { Finding } from '../language/source.ts';

// What a terminal would obey instead of show: controls, and marks that reverse the order of the text.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

const safe = (text: string): string => text.replaceAll('\t', ' ').replace(UNSAFE, '\uFFFD');

/** One block per finding: `file:line:col: severity: message [rule]`, the source line, caret and underline, the hint. */
export function lintText(findings: readonly Finding[], { colour = false }: { colour?: boolean } = {}): string {
  const { bold, red, yellow, cyan, dim } = pc.createColors(colour);
  const paint = { error: red, warning: yellow, info: cyan };
  return findings
    .map(({ file, line, column, severity, rule, message, hint, excerpt }) => {
      const gutter = ' '.repeat(String(line).length);
      const mark = `${' '.repeat(excerpt.start)}^${'~'.repeat(excerpt.length - 1)}`;
      return [
        `${bold(safe(`${file}:${line}:${column}:`))} ${paint[severity](`${severity}:`)} ${safe(message)} ${dim(`[${rule}]`)}`,
        `  ${dim(`${line} |`)} ${safe(excerpt.text)}`,
        `  ${dim(`${gutter} |`)} ${paint[severity](mark)}`,
        ...(hint === undefined ? [] : [`  ${dim(`${gutter} =`)} ${safe(hint)}`]),
      ].join('\n');
    })
    .map((block) => `${block}\n`)
    .join('');
}

/** "2 errors, 1 warning in 3 files", or that nothing was found. */
export function lintSummary(findings: readonly Finding[], files: number): string {
  const count = (severity: Finding['severity'], word: string) => {
    const number = findings.filter((finding) => finding.severity === severity).length;
    return number === 0 ? [] : [`${number} ${word}${number === 1 ? '' : 's'}`];
  };
  const counts = [...count('error', 'error'), ...count('warning', 'warning'), ...count('info', 'note')];
  return `${counts.length === 0 ? 'no findings' : counts.join(', ')} in ${files} file${files === 1 ? '' : 's'}`;
}
