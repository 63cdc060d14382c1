// Findings about files, and not about what a playbook says in them. They are errors, whatever anybody configures.
import type { RuleInfo } from './rule-info.ts';

export const unreadableFile: RuleInfo = {
  id: 'unreadable-file',
  severity: 'error',
  summary: 'A playbook is a plain file in its own checkout.',
  why: `A checkout of somebody else may hold links to files that are none of its business, pipes that never end, devices. None of them is opened.

Put the file itself in its place.`,
};

export const invalidConfiguration: RuleInfo = {
  id: 'invalid-configuration',
  severity: 'error',
  summary: 'The configuration of lint says only what it may.',
  why: `What makes a playbook unable to run is an error whatever is configured, for a run would refuse it all the same. A \`.sim-lint.yaml\` of the checkout may not lower the rules that protect who runs the playbook: a pull request could then let itself pass.

Lower those in a file that is pinned with \`--config\`, outside the reach of pull requests.`,
};
