// The lab that the global set-up brought up; without one, what needs it is skipped by name, except in CI.
import { env } from 'node:process';
import { describe, expect, inject, test } from 'vitest';

export interface LabUnderTest {
  kubeconfig: string;
  helm: string;
  images: { attackerImage: string; victimImage: string };
}

declare module 'vitest' {
  interface ProvidedContext {
    lab: LabUnderTest | { reason: string };
  }
}

const provided: LabUnderTest | { reason: string } = inject('lab') ?? { reason: 'test/cluster/global-setup.ts is not in the configuration' };

/** The lab. Throws where there is none: ask inside of describeOnLab. */
export function lab(): LabUnderTest {
  if ('reason' in provided) throw new Error(provided.reason);
  return provided;
}

/** A suite that needs the lab. */
export function describeOnLab(name: string, suite: () => void): void {
  if (!('reason' in provided)) describe(name, suite);
  else if (env.CI) test(`${name}: needs the lab`, () => expect.fail(provided.reason));
  else describe.skip(`${name} (skipped: ${provided.reason})`, () => test('needs the lab', () => {}));
}
