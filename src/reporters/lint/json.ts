// Findings of lint for programs: what `Finding` says, as it is.
import { plainJson } from './plain.ts';
import type { LintReport } from './report.ts';

/** `{version: 1, findings: [...]}`. */
export const lintJson = ({ findings }: LintReport): string => plainJson({ version: 1, findings });
