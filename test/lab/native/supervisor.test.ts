import { expect, test } from 'vitest';
import { nativeLayout } from '../../../src/lab/native/layout.ts';
import { supervisor } from '../../../src/lab/native/supervisor.ts';
import { type FakeWorld, fakeWorld } from '../fake-world.ts';

const layout = nativeLayout({ name: 'kubesim-lab-x', state: '/state', cache: '/cache' });
const cgroup = '/sys/fs/cgroup/pids/kubesim-lab-x/components';
const etcd = { name: 'etcd', inside: false, command: ['etcd'] as [string] };

/** A machine on which process 7 starts; `sleep` says what happens while it is waited for. */
function machine(sleep: (world: FakeWorld) => void): FakeWorld {
  const world = fakeWorld();
  world.clock.sleep = async () => sleep(world);
  world.process.start = async (command) => {
    world.commands.push(command.join(' '));
    return 7;
  };
  world.process.isAlive = () => world.contents.has('/proc/7/stat');
  world.contents.set('/proc/7/stat', `7 (sh) S ${Array.from({ length: 30 }, (_, index) => index + 4).join(' ')}`);
  world.contents.set(`${cgroup}/cgroup.procs`, '6\n77\n');
  return world;
}

test('a program counts as started when it can be found in its cgroup', async () => {
  let slept = 0;
  const world = machine(({ contents }) => {
    if (++slept === 3) contents.set(`${cgroup}/cgroup.procs`, '6\n7\n');
  });
  const programs = supervisor(world, layout, cgroup);
  expect(await programs.known('etcd')).toBe(false);
  expect(await programs.ensure(etcd, '')).toBe(true);
  expect(slept).toBe(3);
  expect(world.commands).toEqual([`sh -c echo $$ > "$0" && exec "$@" ${cgroup}/cgroup.procs etcd`]);
  expect(await programs.running('etcd')).toMatchObject({ pid: 7, started: '22' });
  expect(await programs.known('etcd')).toBe(true);
  expect(await programs.ensure(etcd, '')).toBe(false);
});

test('a program that ends before that has failed', async () => {
  const world = machine(({ contents }) => void contents.delete('/proc/7/stat'));
  world.contents.set('/state/logs/etcd.log', 'sh: cannot create cgroup.procs\n');
  world.files.remove = async () => {};
  await expect(supervisor(world, layout, cgroup).ensure(etcd, '')).rejects.toThrow(
    /stage "etcd" failed: it ended at once\n.*\n {2}\| sh: cannot create/,
  );
});
