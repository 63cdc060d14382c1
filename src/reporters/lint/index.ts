// The list of formats in which lint tells what it found.
import { lintGithub } from './github.ts';
import { lintGitlab } from './gitlab.ts';
import { lintJson } from './json.ts';
import { lintJunit } from './junit.ts';
import type { LintReporter } from './report.ts';
import { lintSarif } from './sarif.ts';
import { lintText } from './text.ts';

export const lintFormats = {
  text: lintText,
  json: lintJson,
  sarif: lintSarif,
  github: lintGithub,
  gitlab: lintGitlab,
  junit: lintJunit,
} as const satisfies Record<string, LintReporter>;

export type LintFormat = keyof typeof lintFormats;
