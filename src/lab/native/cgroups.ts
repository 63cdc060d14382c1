// The lab's cgroups: every process of the lab is in one, so all can be found and ended without knowing their names.
import { basename, dirname, join } from 'node:path';
import type { LabWorld } from '../driver.ts';

const ROOT = '/sys/fs/cgroup';

/** One folder per hierarchy with cgroup v1, one in all with v2. */
async function cgroupRoots(world: LabWorld, name: string): Promise<string[]> {
  const { files } = world;
  if (await files.exists(join(ROOT, 'cgroup.controllers'))) return [join(ROOT, name)];
  const found: string[] = [];
  for (const hierarchy of await files.list(ROOT)) {
    if (await files.exists(join(ROOT, hierarchy, 'cgroup.procs'))) found.push(join(ROOT, hierarchy, name));
  }
  return found;
}

/** Makes the lab's cgroups; gives the one that its own components join. */
export async function makeCgroups(world: LabWorld, name: string): Promise<string> {
  const roots = await cgroupRoots(world, name);
  for (const root of roots) await world.files.makeFolder(root);
  // With v2 a cgroup has either processes or children with controllers: components get one of their own.
  const home = join(roots.find((root) => root.startsWith(join(ROOT, 'pids/'))) ?? roots[0] ?? join(ROOT, name), 'components');
  await world.files.makeFolder(home);
  return home;
}

/** A command that joins a cgroup before it becomes the program, so that whatever happens the program can be found. */
export function joining(cgroup: string, command: readonly string[]): [string, ...string[]] {
  return ['sh', '-c', 'echo $$ > "$0" && exec "$@"', join(cgroup, 'cgroup.procs'), ...command];
}

/** This world, where all that is run to its end joins the cgroup first: where we are killed it goes on, and `down` must find it. */
export function worldInside(world: LabWorld, cgroup: string): LabWorld {
  return { ...world, process: { ...world.process, run: (command, options) => world.process.run(joining(cgroup, command), options) } };
}

/** Whether a process has joined a cgroup. */
export async function hasJoined(world: LabWorld, cgroup: string, pid: number): Promise<boolean> {
  return (await world.files.read(join(cgroup, 'cgroup.procs')).catch(() => '')).split('\n').includes(String(pid));
}

/** All processes in the lab's cgroups, each with the folder of one; `pods`: only those that run in pods. */
export async function labProcesses(world: LabWorld, name: string, { pods = false } = {}): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  const visit = async (folder: string): Promise<void> => {
    for (const entry of await world.files.list(folder)) {
      if (entry === 'cgroup.procs') {
        // A cgroup may end while it is looked at.
        const ids = await world.files.read(join(folder, entry)).catch(() => '');
        for (const id of ids.split('\n')) if (Number(id) > 0) found.set(Number(id), folder);
      } else if (!entry.includes('.')) {
        // Files of the kernel have a dot, or hold no folder.
        await visit(join(folder, entry));
      }
    }
  };
  for (const root of await cgroupRoots(world, name)) await visit(pods ? join(root, 'kubepods') : root);
  return found;
}

/** Whether another lab than this has cgroups. */
export async function otherLabs(world: LabWorld, name: string): Promise<boolean> {
  for (const root of await cgroupRoots(world, name)) {
    const beside = await world.files.list(dirname(root));
    if (beside.some((entry) => entry.startsWith('kubesim-lab') && entry !== basename(root))) return true;
  }
  return false;
}

/** Removes the lab's cgroups, which must be empty of processes. Returns why those that remain do: nothing where all are gone. */
export async function removeCgroups(world: LabWorld, name: string): Promise<string[]> {
  const why: string[] = [];
  for (const root of await cgroupRoots(world, name)) {
    if (!(await world.files.exists(root))) continue;
    const { stderr } = await world.process.run(['find', root, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';']);
    if (await world.files.exists(root)) why.push(...stderr.trim().split('\n'));
  }
  return why;
}
