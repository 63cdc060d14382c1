// Ends a native lab, whole or half made, and leaves nothing of it on the machine but its cache.
import { join } from 'node:path';
import { Failure } from '../../ports/failure.ts';
import type { LabWorld } from '../driver.ts';
import { labProcesses, makeCgroups, removeCgroups } from './cgroups.ts';
import { removeContainers } from './containers.ts';
import type { Layout } from './layout.ts';
import { removeMountPoints } from './mount-points.ts';
import { supervisor } from './supervisor.ts';

const LIMIT = 15_000;
const STEP = 25;

/** Processes, then mounts, cgroups and files. What remains of an earlier attempt is fine. */
export async function tearDown(world: LabWorld, layout: Layout): Promise<void> {
  if (await world.files.exists(layout.run)) {
    const programs = supervisor(world, layout, await makeCgroups(world, layout.name));
    // First who would start the others again.
    await programs.stop('kubelet', 'SIGKILL');
    await endAll(world, layout.name, { pods: true });
    // The containers' records lie in the cache: they would come back with the next lab.
    if ((await programs.running('containerd')) !== undefined) await removeContainers(world, layout);
  }
  await endAll(world, layout.name, {});
  await unmountBelow(world, [layout.state, join(layout.cache, 'buildah'), layout.temporary]);
  await until(world, 'cgroups', () => removeCgroups(world, layout.name));
  await removeMountPoints(world, layout);
  await world.files.remove(layout.state);
}

/** Kills every process in the lab's cgroups until there is none. */
async function endAll(world: LabWorld, name: string, which: { pods?: boolean }): Promise<void> {
  await until(world, 'processes', async () => {
    const living = (await labProcesses(world, name, which)).filter((pid) => world.process.isAlive(pid));
    for (const pid of living) world.process.kill(pid, 'SIGKILL');
    return living.length === 0;
  });
}

/** The lab's mounts are in a namespace that ended with it: here are only those of a program that was cut short. */
async function unmountBelow(world: LabWorld, folders: readonly string[]): Promise<void> {
  const mounts = (await world.files.read('/proc/self/mounts')).split('\n').map((line) => line.split(' ')[1] ?? '');
  const ours = mounts.filter((path) => folders.some((folder) => path.startsWith(`${folder}/`)));
  for (const path of ours.reverse()) await world.process.run(['umount', '--lazy', path]);
}

async function until(world: LabWorld, what: string, done: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await done()); waited += STEP) {
    if (waited > LIMIT) throw new Failure('timeout', `the lab's ${what} do not end`, { hint: 'Try `sim lab down` again.' });
    await world.clock.sleep(STEP);
  }
}
