// Ends a native lab, whole or half made, and leaves nothing of it on the machine but its cache.
import { join } from 'node:path';
import { Failure } from '../../ports/failure.ts';
import type { LabWorld } from '../driver.ts';
import { labProcesses, removeCgroups } from './cgroups.ts';
import { removeContainers } from './containers.ts';
import type { Layout } from './layout.ts';
import { removeMountPoints } from './mount-points.ts';
import { supervisor } from './supervisor.ts';

const LIMIT = 15_000;
const STEP = 25;

/** Processes and cgroups, then mounts and files. What remains of an earlier attempt is fine. */
export async function tearDown(world: LabWorld, layout: Layout): Promise<void> {
  if (await world.files.exists(layout.run)) {
    const programs = supervisor(world, layout);
    // First who would start the others again.
    await programs.stop('kubelet', 'SIGKILL');
    await until(world, layout.name, () => endedAll(world, layout.name, { pods: true }));
    // The containers' records lie in the cache. What cannot be removed now, the next lab removes before its kubelet starts.
    if ((await programs.running('containerd')) !== undefined) await removeContainers(world, layout).catch(() => false);
  }
  // In one: what an `up` that was killed has just begun may join late, and cannot when the cgroups are gone.
  await until(
    world,
    layout.name,
    async () => (await endedAll(world, layout.name)) && (await removeCgroups(world, layout.name)).length === 0,
  );
  await unmountBelow(world, [layout.state, join(layout.cache, 'buildah'), layout.temporary]);
  await removeMountPoints(world, layout);
  await world.files.remove(layout.state);
}

/** Kills every process in the lab's cgroups; true where there was none. */
async function endedAll(world: LabWorld, name: string, which: { pods?: boolean } = {}): Promise<boolean> {
  const living = [...(await labProcesses(world, name, which)).keys()].filter((pid) => world.process.isAlive(pid));
  for (const pid of living) world.process.kill(pid, 'SIGKILL');
  return living.length === 0;
}

/** The lab's mounts are in a namespace that ended with it: here are only those of a program that was cut short. */
async function unmountBelow(world: LabWorld, folders: readonly string[]): Promise<void> {
  const mounts = (await world.files.read('/proc/self/mounts')).split('\n').map((line) => line.split(' ')[1] ?? '');
  const ours = mounts.filter((path) => folders.some((folder) => path.startsWith(`${folder}/`)));
  for (const path of ours.reverse()) await world.process.run(['umount', '--lazy', path]);
}

async function until(world: LabWorld, name: string, done: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await done()); waited += STEP) {
    if (waited > LIMIT) throw await whatRemains(world, name);
    await world.clock.sleep(STEP);
  }
}

/** A failure that names the processes that do not end, and the cgroups that cannot be removed. */
async function whatRemains(world: LabWorld, name: string): Promise<Failure> {
  const lines: string[] = [];
  for (const [pid, cgroup] of await labProcesses(world, name)) {
    const read = (file: string) => world.files.read(`/proc/${pid}/${file}`).catch(() => '');
    const state = /^State:\s*(.+)$/m.exec(await read('status'))?.[1] ?? 'gone';
    // Its arguments end with NUL, and whoever runs in a pod may choose them.
    const command = (await read('cmdline')).replace(/\p{Cc}/gu, ' ').trim();
    lines.push(`process ${pid}, ${state}, in ${cgroup}: ${command.slice(0, 200)}`);
  }
  lines.push(...(await removeCgroups(world, name)));
  return new Failure('timeout', `the lab's processes and cgroups do not end${lines.map((line) => `\n  | ${line}`).join('')}`, {
    hint: 'Try `sim lab down` again.',
  });
}
