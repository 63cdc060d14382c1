// A playbook is run by the name of its file: both must be the same.
import type { Rule } from './rule.ts';

export const nameNotFilename: Rule = {
  id: 'name-not-filename',
  severity: 'warning',
  summary: "`metadata.name` is the file's name without its ending, so that people find one by the other.",
  why: `\`sim run web-shell\` finds a playbook by the name of its file, reports and labels show \`metadata.name\`: where they differ, people look for the wrong one.

Give both the same name; \`sim lint --fix\` takes that of the file.`,
  check({ file, metadata }) {
    if (file === '-') return [];
    const base = file
      .split(/[\\/]/)
      .at(-1)
      ?.replace(/\.ya?ml$/, '');
    if (base === metadata.name) return [];
    return [{ path: ['metadata', 'name'], message: `the name is \`${metadata.name}\`, but the file is called \`${base}\`` }];
  },
};
