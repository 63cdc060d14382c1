// Brings the lab up before the first test that needs it, by the product's own code, and ends it afterwards where it was not up before.
import { env, stderr } from 'node:process';
import type { TestProject } from 'vitest/node';
import { labLine } from '../../src/commands/lab-lines.ts';
import { labWorld } from '../../src/commands/lab-world.ts';
import type { LabDriver } from '../../src/lab/driver.ts';
import { openLab } from '../../src/lab/open.ts';
import { Failure } from '../../src/ports/failure.ts';
// For the type of what is provided.
import type {} from './lab-under-test.ts';

/** SIM_TEST_LAB=0 does without; =keep leaves it up. */
const wish = env.SIM_TEST_LAB ?? '';
const never = new AbortController().signal;

export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const driver = await available();
  if ('reason' in driver) {
    project.provide('lab', driver);
    return undefined;
  }
  const { state } = await driver.status();
  const { kubeconfig, helm, images } = await driver.up({ cloud: 'azure' }, (event) => stderr.write(labLine(event, false)), never);
  // kind brings no helm of its own.
  project.provide('lab', { kubeconfig, helm: helm ?? env.SIM_HELM ?? 'helm', images });
  if (state !== 'down' || wish === 'keep') return undefined;
  return async () => await driver.down(() => {}, never);
}

/** Only that no lab can be made here is a reason to go without; a lab that fails is a failure. */
async function available(): Promise<LabDriver | { reason: string }> {
  if (wish === '0') return { reason: 'SIM_TEST_LAB=0' };
  try {
    return await openLab(undefined, labWorld(env));
  } catch (error) {
    if (error instanceof Failure && error.code === 'configuration') return { reason: `${error.message}; ${error.details.hint}` };
    throw error;
  }
}
