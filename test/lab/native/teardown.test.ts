import { expect, test } from 'vitest';
import { nativeLayout } from '../../../src/lab/native/layout.ts';
import { tearDown } from '../../../src/lab/native/teardown.ts';
import { type FakeWorld, fakeWorld } from '../fake-world.ts';

const layout = nativeLayout({ name: 'kubesim-lab-x', state: '/state', cache: '/cache' });
const cgroup = '/sys/fs/cgroup/pids/kubesim-lab-x';
const procs = `${cgroup}/components/cgroup.procs`;

/** A machine with one process in the lab's cgroup, which SIGKILL ends; `mortal`: whether it does. */
function machine({ mortal, onRemoval = () => {} }: { mortal: boolean; onRemoval?: (world: FakeWorld) => void }): FakeWorld {
  const world: FakeWorld = fakeWorld((line) => {
    if (!line.startsWith(`find ${cgroup} `)) return undefined;
    onRemoval(world);
    if (world.contents.get(procs) !== '') return { exitCode: 1, stderr: `rmdir: failed to remove '${cgroup}': Device or resource busy\n` };
    world.contents.delete(procs);
    return undefined;
  });
  world.clock.sleep = async () => {};
  world.process.isAlive = () => true;
  world.process.kill = (pid, signal) => {
    world.commands.push(`kill ${pid} ${signal}`);
    if (mortal) world.contents.set(procs, '');
  };
  world.contents.set('/proc/self/mounts', '');
  world.contents.set('/sys/fs/cgroup/pids/cgroup.procs', '1\n');
  world.contents.set(procs, '41\n');
  world.contents.set('/state/lab.json', '{}');
  return world;
}

test('what joins the cgroup after all others have ended is ended too', async () => {
  let late = ['42\n', '43\n'];
  const world = machine({
    mortal: true,
    onRemoval: ({ contents }) => {
      const [pid, ...rest] = late;
      late = rest;
      if (pid !== undefined) contents.set(procs, pid);
    },
  });
  await tearDown(world, layout);
  expect(world.commands.filter((line) => line.startsWith('kill'))).toEqual(['kill 41 SIGKILL', 'kill 42 SIGKILL', 'kill 43 SIGKILL']);
  expect([...world.contents.keys()].filter((path) => path.startsWith(cgroup) || path.startsWith('/state'))).toEqual([]);
});

test('what does not end is named, with its command line as text', async () => {
  const world = machine({ mortal: false });
  world.contents.set('/proc/41/status', 'Name:\tpause\nState:\tD (disk sleep)\n');
  world.contents.set('/proc/41/cmdline', 'pause\0--now\u001b[2J\0');
  const failure = await tearDown(world, layout).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'timeout' });
  expect((failure as Error).message.split('\n')).toEqual([
    "the lab's processes and cgroups do not end",
    `  | process 41, D (disk sleep), in ${cgroup}/components: pause --now [2J`,
    `  | rmdir: failed to remove '${cgroup}': Device or resource busy`,
  ]);
  expect(world.contents.has('/state/lab.json')).toBe(true);
});
