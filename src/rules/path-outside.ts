// A path that leads out of the checkout.
import { filesIn } from './files.ts';
import type { Rule } from './rule.ts';

export const pathOutside: Rule = {
  id: 'path-outside',
  severity: 'warning',
  eachStep: true,
  security: true,
  summary: 'Charts and manifests lie in the same checkout as the playbook.',
  why: `What stands outside of the checkout is another thing on each machine, and no reviewer has seen it. A playbook from a pull request could make a run read files of whoever runs it. \`sim lint\` itself opens none of them, whether the path goes up too far or a symbolic link leads away.

Bring the file into the checkout.`,
  check(playbook, context) {
    return filesIn(playbook, context).flatMap(({ path, file, found }) =>
      found.kind === 'outside'
        ? [{ path, message: `\`${file}\` leads out of the checkout, so that nothing is known of what stands there` }]
        : [],
    );
  },
};
