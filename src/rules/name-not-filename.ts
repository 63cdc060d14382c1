// A playbook is run by the name of its file: both must be the same.
import type { Rule } from './rule.ts';

export const nameNotFilename: Rule = {
  id: 'name-not-filename',
  severity: 'warning',
  summary: "`metadata.name` is the file's name without its ending, so that people find one by the other.",
  why: `\`sim run web-shell\` finds a playbook by the name of its file, reports and labels show \`metadata.name\`: where they differ, people look for the wrong one.

Give both the same name; \`sim lint --fix\` takes that of the file.`,
  check({ file, metadata: { name }, spanOf }) {
    if (file === '-') return [];
    const base = file
      .split(/[\\/]/)
      .at(-1)
      ?.replace(/\.ya?ml$/, '');
    if (base === undefined || base === name) return [];
    const path = ['metadata', 'name'];
    const fix = isName(base) ? [{ ...spanOf(path), text: base }] : [];
    return [{ path, message: `the name is \`${name}\`, but the file is called \`${base}\``, ...(fix.length > 0 ? { fix } : {}) }];
  },
};

/** What the schema takes for a name, and YAML for a text. */
const isName = (text: string): boolean =>
  /^[a-z]([a-z0-9-]*[a-z0-9])?$/.test(text) && text.length <= 63 && !/^(true|false|null)$/.test(text);
