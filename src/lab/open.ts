// The lab of this machine by the driver that is asked for, that made what is up, or that fits.
import { chooseDriver } from './choose.ts';
import type { DriverName, LabDriver, LabWorld } from './driver.ts';
import { readRecord, recordPath } from './facts.ts';
import { kindDriver } from './kind.ts';
import { nativeDriver } from './native/driver.ts';

const drivers: Record<DriverName, (world: LabWorld) => LabDriver> = { kind: kindDriver, native: nativeDriver };

/** Throws Failure configuration where no driver can work here. */
export async function openLab(requested: string | undefined, world: LabWorld, signal?: AbortSignal): Promise<LabDriver> {
  // A lab that is up is ended by what made it, whatever would be chosen today.
  const made = requested || world.env.SIM_LAB_DRIVER ? undefined : (await readRecord(world.files, recordPath(world.env)))?.driver;
  return drivers[await chooseDriver(requested ?? made, world, signal)](world);
}
