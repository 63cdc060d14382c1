// Findings of lint as a Code Quality report of GitLab.
import type { Severity } from '../../language/diagnostic.ts';
import { fingerprints } from './fingerprint.ts';
import { plain, plainJson } from './plain.ts';
import type { LintReport } from './report.ts';

const SEVERITIES: Readonly<Record<Severity, string>> = { error: 'major', warning: 'minor', info: 'info' };

/** A list of issues, each with a fingerprint that no other has. */
export function lintGitlab(report: LintReport): string {
  const prints = fingerprints(report);
  return plainJson(
    report.findings.map(({ file, line, endLine, severity, rule, message, hint }, index) => {
      const { hash = '', occurrence = 1 } = prints[index] ?? {};
      return {
        description: plain(hint === undefined ? message : `${message} (${hint})`),
        check_name: rule,
        fingerprint: occurrence === 1 ? hash : report.digest(`${hash}:${occurrence}`),
        severity: SEVERITIES[severity],
        location: { path: report.pathOf(file), lines: { begin: line, end: endLine } },
      };
    }),
  );
}
