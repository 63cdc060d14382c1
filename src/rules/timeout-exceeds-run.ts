// A time limit of a step that the limit of the whole run makes void.

import { allSteps } from '../language/step-tree.ts';
import { durationText } from './duration-text.ts';
import type { Rule } from './rule.ts';

export const timeoutExceedsRun: Rule = {
  id: 'timeout-exceeds-run',
  severity: 'warning',
  summary: "A step's `timeout`, as often as the step may be tried, fits into the time that the whole run has.",
  why: `The playbook's own \`timeout\` (one hour where it names none) ends every step. A step that is allowed more than that is cut off in the middle, and the steps after it never run.

Shorten the step's \`timeout\` or its attempts, or give the playbook more time.`,
  check(playbook) {
    const { timeout: limit } = playbook;
    return allSteps(playbook).flatMap(({ path, timeout, retry, repeat }) => {
      const times = (retry?.attempts ?? 1) * (repeat?.times ?? 1);
      if (timeout === undefined || timeout * times <= limit) return [];
      const often = times === 1 ? '' : ` ${times} times, ${durationText(timeout * times)} together`;
      const message = `the step may take ${durationText(timeout)}${often}, but the run ends after ${durationText(limit)}`;
      return [{ path: [...path, 'timeout'], message, hint: 'shorten it, or raise the `timeout` of the playbook' }];
    });
  },
};
