// The world of `sim lint`, as it is on this machine.
import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { cwd } from 'node:process';
import { localCheckout } from '../adapters/checkout.ts';
import { localFiles } from '../adapters/files.ts';
import { stepTypes } from '../steps/index.ts';
import type { LintDependencies } from './lint.ts';
import type { CheckedSome, HelperOptions, LintHelper } from './lint-many.ts';
import type { Target } from './lint-paths.ts';
import { alertIds, packageFolder, packageVersion } from './package-files.ts';
import type { Session } from './session.ts';

export async function lintDependencies({ stdout, stderr, readStdin, colour, setExitCode }: Session): Promise<LintDependencies> {
  const files = localFiles();
  return {
    folder: cwd(),
    checkout: localCheckout(cwd(), packageFolder),
    files,
    git: {
      async changedSince(...which) {
        const [{ localGit }, { processRunner }] = await Promise.all([import('../adapters/git.ts'), import('../adapters/process.ts')]);
        return await localGit(processRunner()).changedSince(...which);
      },
    },
    steps: stepTypes,
    catalogue: () => alertIds(files),
    readStdin,
    stdout,
    stderr,
    colour,
    version: await packageVersion(files),
    setExitCode,
    helpers: startHelpers,
  };
}

/** With this thread one for each core; beyond a few they wait for the disk and for one another. */
const MOST_THREADS = 8;

async function startHelpers(options: HelperOptions): Promise<LintHelper[]> {
  const { collectEarly, startWorker } = await import('../adapters/workers.ts');
  collectEarly();
  // Sources and the built program differ in the ending.
  const module = new URL(`./lint-worker${extname(import.meta.url)}`, import.meta.url);
  return Array.from({ length: Math.min(availableParallelism(), MOST_THREADS) - 1 }, () => {
    const { ask, stop } = startWorker<readonly Target[], CheckedSome>(module, options);
    return { lint: ask, stop };
  });
}
