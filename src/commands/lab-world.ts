// The machine as src/lab sees it, put together from the adapters.
import { arch, getuid, platform } from 'node:process';
import { systemClock } from '../adapters/clock.ts';
import { localFiles } from '../adapters/files.ts';
import { processRunner } from '../adapters/process.ts';
import type { LabWorld } from '../lab/driver.ts';
import { packageFolder } from './package-files.ts';

/** This machine, with the environment given. */
export function labWorld(env: Readonly<Record<string, string | undefined>>): LabWorld {
  return {
    process: processRunner(),
    files: localFiles(),
    clock: systemClock(),
    env,
    platform,
    arch,
    root: getuid?.() === 0,
    resources: packageFolder,
  };
}
