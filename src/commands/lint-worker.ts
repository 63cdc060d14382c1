// A thread that checks files for `sim lint` of many: it reads them itself, and answers with findings.
import { localCheckout } from '../adapters/checkout.ts';
import { answerJobs } from '../adapters/workers.ts';
import { stepTypes } from '../steps/index.ts';
import type { LintWorld } from './lint-file.ts';
import { type CheckedSome, type HelperOptions, lintSome } from './lint-many.ts';
import type { Target } from './lint-paths.ts';
import { lintSettings } from './lint-settings.ts';
import { packageFolder } from './package-files.ts';

answerJobs<HelperOptions, readonly Target[], CheckedSome>(async ({ catalogue, ...options }) => {
  const checkout = localCheckout(options.folder, packageFolder);
  const world: LintWorld = {
    checkout,
    settings: await lintSettings({ checkout, ...options }),
    context: { steps: stepTypes, ...(catalogue === undefined ? {} : { catalogue }) },
  };
  return (targets) => lintSome(targets, world);
});
