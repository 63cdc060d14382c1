// Findings of lint as workflow commands of GitHub Actions, which shows them beside the lines of a pull request.
import type { Severity } from '../../language/diagnostic.ts';
import { plain } from './plain.ts';
import type { LintReport } from './report.ts';

const COMMANDS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'notice' };

// As @actions/core escapes them, after what a log must not hold is gone.
const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text: string | number): string =>
  data(plain(String(text)))
    .replaceAll(':', '%3A')
    .replaceAll(',', '%2C');

/** `::error file=...,line=...::message`, one a line. */
export const lintGithub = ({ findings, pathOf }: LintReport): string =>
  findings
    .map(({ file, line, column, endLine, endColumn, severity, rule, message, hint }) => {
      const place = { file: pathOf(file), line, endLine, col: column, ...(endLine === line ? { endColumn } : {}), title: rule };
      const properties = Object.entries(place).map(([name, value]) => `${name}=${property(value)}`);
      const said = [message, ...(hint === undefined ? [] : [hint])].map(plain).join('\n');
      return `::${COMMANDS[severity]} ${properties.join(',')}::${data(said)}\n`;
    })
    .join('');
