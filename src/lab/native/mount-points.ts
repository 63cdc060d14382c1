// Folders of the host that the native lab mounts its own over, inside its namespace: they must exist, and go with it where it made them.
import { join } from 'node:path';
import type { LabWorld } from '../driver.ts';
import { otherLabs } from './cgroups.ts';
import type { Layout } from './layout.ts';

const NEEDED = ['/var/lib/kubelet', '/var/lib/cni'];

const recordOf = (layout: Layout) => join(layout.run, 'mount-points');

/** Makes those that are missing, and remembers them. */
export async function makeMountPoints(world: LabWorld, layout: Layout): Promise<void> {
  const { files } = world;
  const others = await otherLabs(world, layout.name);
  const ours: string[] = [];
  for (const folder of NEEDED) {
    // An empty one beside another lab is that lab's, and the last lab removes it.
    if (!(await files.exists(folder)) || (others && (await files.list(folder)).length === 0)) ours.push(folder);
  }
  await files.write(recordOf(layout), ours.join('\n'));
  for (const folder of ours) await files.makeFolder(folder);
}

/** Removes those that the lab made and nobody uses. */
export async function removeMountPoints(world: LabWorld, layout: Layout): Promise<void> {
  const ours = await world.files.read(recordOf(layout)).catch(() => '');
  // The kernel would take the folder away from under the other lab's mount.
  if (ours === '' || (await otherLabs(world, layout.name))) return;
  await world.process.run(['rmdir', '--ignore-fail-on-non-empty', ...ours.split('\n')]);
}
