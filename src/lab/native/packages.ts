// Debian's packages: those that the lab needs on the machine, and those it only borrows files from.
import { join } from 'node:path';
import { Failure } from '../../ports/failure.ts';
import type { LabWorld } from '../driver.ts';
import type { StageContext } from '../stages.ts';

/** Programs without a service of their own; installed where they are missing. */
export const neededPackages = ['buildah', 'ca-certificates', 'iproute2', 'mmdebstrap', 'mount', 'nftables'];

/** Unpacked into the cache and never installed: containerd would start as a service, and may displace the host's own. */
export const borrowedPackages = ['containerd', 'runc', 'containernetworking-plugins'];

const APT_ENV = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' };

/** Names out of `packages` that are not installed. Throws Failure configuration on a machine without Debian's tools. */
export async function missingPackages(world: LabWorld, packages: readonly string[]): Promise<string[]> {
  try {
    const { stdout } = await world.process.run(['dpkg-query', '--show', '--showformat=${Package} ${db:Status-Status}\\n', ...packages]);
    const installed = new Set(
      stdout
        .split('\n')
        .filter((line) => line.endsWith(' installed'))
        .map((line) => line.split(' ')[0]),
    );
    return packages.filter((name) => !installed.has(name));
  } catch (error) {
    if (!(error instanceof Failure && error.code === 'command-not-found')) throw error;
    throw new Failure('configuration', 'the native lab is made of Debian packages, and this machine has no dpkg', {
      hint: 'Use Debian 12 or later, or `--driver kind` with a container engine.',
    });
  }
}

/** Installs what is missing, after saying so. */
export async function installPackages(
  world: LabWorld,
  packages: readonly string[],
  { exec, say }: StageContext,
): Promise<string | undefined> {
  const missing = await missingPackages(world, packages);
  if (missing.length === 0) return 'all installed';
  say(`installing with apt: ${missing.join(' ')}`);
  // An installation that was cut short blocks every later one.
  if ((await world.process.run(['dpkg', '--audit'])).stdout.trim() !== '') await exec(['dpkg', '--configure', '-a'], { env: APT_ENV });
  const install: [string, ...string[]] = [
    'apt-get',
    'install',
    '--yes',
    '--no-install-recommends',
    '-o',
    'DPkg::Lock::Timeout=300',
    ...missing,
  ];
  await withFreshLists(exec, () => exec(install, { env: APT_ENV }));
  return `installed ${missing.length}`;
}

/** Fetches packages and unpacks them to a folder, which appears whole or not at all. */
export async function borrowPackages(
  world: LabWorld,
  folder: string,
  { exec }: StageContext,
  names: readonly string[] = borrowedPackages,
): Promise<string | undefined> {
  if (await world.files.exists(folder)) return 'cached';
  const draft = `${folder}.new`;
  const packages = join(draft, 'packages');
  await world.files.remove(draft);
  await world.files.makeFolder(packages);
  // As root throughout: apt's own user may not write to the lab's folder.
  const download: [string, ...string[]] = ['apt-get', 'download', '-o', 'APT::Sandbox::User=root', ...names];
  await withFreshLists(exec, () => exec(download, { cwd: packages, env: APT_ENV }));
  for (const name of await world.files.list(packages)) await exec(['dpkg-deb', '--extract', join(packages, name), draft]);
  await world.files.remove(packages);
  await exec(['mv', draft, folder]);
  return undefined;
}

/** Package lists may be absent or older than the mirror: then once more, with new ones. */
async function withFreshLists(exec: StageContext['exec'], work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'internal') throw error;
    await updateLists(exec);
    await work();
  }
}

async function updateLists(exec: StageContext['exec']): Promise<void> {
  await exec(['apt-get', 'update'], { env: APT_ENV });
}

/** The machine's own sources of Debian's `suite` and how apt reaches them, for an image that is built here. */
export async function aptSources(suite: string, { exec }: StageContext): Promise<{ sources: string; options: string }> {
  const read = async () => {
    const { stdout } = await exec([
      'apt-get',
      'indextargets',
      '--format',
      '$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)',
      'Created-By: Packages',
    ]);
    const lines = stdout.split('\n').map((line) => line.trim().split(' '));
    return lines.flatMap(([uri, release, component, origin]) =>
      origin === 'Debian' && (release === suite || release?.startsWith(`${suite}-`)) ? [`deb ${uri} ${release} ${component}`] : [],
    );
  };
  let lines = await read();
  if (lines.length === 0) {
    await updateLists(exec);
    lines = await read();
  }
  const { stdout } = await exec(['apt-config', 'dump', 'Acquire']);
  const options = stdout
    .split('\n')
    .filter((line) => /^Acquire::(http|https|Check-Valid-Until|Check-Date|Retries)\b.* "[^"]+";$/i.test(line));
  return { sources: [...new Set(lines)].sort().join('\n'), options: options.join('\n') };
}
