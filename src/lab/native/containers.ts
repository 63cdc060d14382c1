// What the lab's containerd holds: images, which stay in the cache, and containers, which must not.
import { join } from 'node:path';
import type { LabWorld } from '../driver.ts';
import { type StageContext, stageFailure } from '../stages.ts';
import type { BuiltImage } from './build-images.ts';
import type { Layout } from './layout.ts';

function ctr(layout: Layout, ...args: string[]): [string, ...string[]] {
  return [join(layout.tools, 'usr/bin/ctr'), '--address', layout.socket, '--namespace', 'k8s.io', ...args];
}

/** Resolves when containerd answers; it says nothing when it is ready. */
export async function untilContainerd(world: LabWorld, layout: Layout, signal: AbortSignal): Promise<boolean> {
  for (let tries = 0; tries < 200; tries++) {
    if (await world.files.exists(layout.socket)) {
      const { exitCode } = await world.process.run(ctr(layout, 'version'), { signal, timeout: 10_000 });
      if (exitCode === 0) return true;
    }
    await world.clock.sleep(50, signal);
  }
  return false;
}

/** Removes all containers, which must not run any more; true where there were some. */
export async function removeContainers(world: LabWorld, layout: Layout): Promise<boolean> {
  const containers = async (timeout: number, ...args: string[]) => {
    const command = ctr(layout, 'containers', ...args);
    const { exitCode, stdout, stderr } = await world.process.run(command, { timeout });
    if (exitCode !== 0) throw stageFailure('Container runtime', command, `exit code ${exitCode}`, stderr.trim().split('\n'));
    return stdout;
  };
  const ids = (await containers(10_000, 'list', '--quiet')).split('\n').filter((id) => id !== '');
  if (ids.length > 0) await containers(60_000, 'remove', ...ids);
  return ids.length > 0;
}

/** Loads an image unless this very one is loaded. */
export async function loadImage(world: LabWorld, layout: Layout, image: BuiltImage, { exec }: StageContext): Promise<string | undefined> {
  const mark = join(layout.containers, `loaded-${image.reference.replace(/[/:]/g, '-')}`);
  const key = await world.files.read(mark).catch(() => '');
  const { stdout } = await exec(ctr(layout, 'images', 'list', '--quiet'));
  if (key === image.key && stdout.split('\n').includes(`docker.io/${image.reference}`)) return 'cached';
  await world.files.remove(mark);
  await exec(ctr(layout, 'images', 'import', image.archive));
  await world.files.write(mark, image.key);
  return undefined;
}
