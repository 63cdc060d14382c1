// Makes the lab's images without a container engine: a minimal Debian by mmdebstrap, the rest from Dockerfiles by buildah.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { LabWorld } from '../driver.ts';
import { labImages } from '../images.ts';
import type { StageContext } from '../stages.ts';
import { type Layout, pauseImage } from './layout.ts';
import { aptSources } from './packages.ts';
import { environment } from './supervisor.ts';

/** The Debian that images/ is written for. */
const SUITE = 'bookworm';

export interface BuiltImage {
  reference: string;
  /** Changes with anything the image is made of. */
  key: string;
  /** The image as a docker-archive. */
  archive: string;
}

/** Keys of all images, from what they are made of. */
export async function imageKeys(world: LabWorld, layout: Layout, programs: string) {
  const { files, resources } = world;
  const base = short(await files.digest([join(resources, 'lab', 'native', 'base.Dockerfile')]), SUITE, world.arch);
  const built = (name: string, reference: string, key: string): BuiltImage => ({
    reference,
    key,
    archive: join(layout.imageFolder, `${name}-${key}.tar`),
  });
  const pause = built('pause', pauseImage, short(await files.digest([join(resources, 'lab', 'native', 'pause.Dockerfile')]), programs));
  const roles = await Promise.all(
    labImages(resources).map(async ({ name, reference, context }) => ({
      name,
      context,
      ...built(name, reference, short(await files.digest([context]), base)),
    })),
  );
  return { base: { reference: `localhost/simlab-base:${base}`, folder: join(layout.imageFolder, `base-${base}`) }, pause, roles };
}

function short(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

/** Makes the root file system of the base image, FOLDER/rootfs.tar, from the machine's own package sources. */
export async function makeRootfs(world: LabWorld, layout: Layout, folder: string, context: StageContext): Promise<string | undefined> {
  const { exec } = context;
  const target = join(folder, 'rootfs.tar');
  if (await world.files.exists(target)) return 'cached';
  const { sources, options } = await aptSources(SUITE, context);
  const configuration = join(layout.temporary, 'apt.conf');
  const draft = `${target}.new`;
  await world.files.makeFolder(folder);
  await world.files.write(configuration, `${options}\n`);
  const source = join(layout.temporary, 'sources.list');
  await world.files.write(source, `${sources}\n`);
  await exec(
    [
      ...apart,
      'mmdebstrap',
      '--mode=root',
      '--variant=minbase',
      '--format=tar',
      ...(options === '' ? [] : [`--aptopt=${configuration}`]),
      SUITE,
      draft,
      // A machine that is no Debian of this suite leaves the mirror to mmdebstrap.
      ...(sources === '' ? [] : [source]),
    ],
    { env: { ...environment(world, layout), TMPDIR: layout.temporary } },
  );
  await exec(['mv', draft, target]);
  return undefined;
}

/** Whether buildah still has an image. */
export async function hasImage(world: LabWorld, layout: Layout, reference: string): Promise<boolean> {
  const [program, ...args] = buildahCommand(world, layout, 'inspect', '--type=image', reference);
  return (await world.process.run([program, ...args], { env: environment(world, layout) })).exitCode === 0;
}

/** Builds one image, and writes it as an archive where one is named. */
export async function buildImage(
  world: LabWorld,
  layout: Layout,
  image: { reference: string; archive?: string; dockerfile: string; context: string; base?: string },
  { exec }: StageContext,
): Promise<string | undefined> {
  const { reference, archive, dockerfile, context, base } = image;
  const env = { ...environment(world, layout), TMPDIR: layout.temporary };
  await exec(
    buildahCommand(
      world,
      layout,
      'bud',
      // Neither an engine nor a sandbox is needed to run a build's own commands as root.
      '--isolation=chroot',
      '--pull-never',
      '--layers=false',
      '--file',
      dockerfile,
      ...(base === undefined ? [] : ['--build-arg', `BASE=${base}`]),
      '--tag',
      reference,
      context,
    ),
    { env },
  );
  if (archive !== undefined) {
    const draft = `${archive}.new`;
    await world.files.remove(draft);
    await exec(buildahCommand(world, layout, 'push', reference, `docker-archive:${draft}:${reference}`), { env });
    await exec(['mv', draft, archive]);
  }
  return undefined;
}

function buildahCommand(world: LabWorld, layout: Layout, ...args: string[]): [string, ...string[]] {
  const storage = ['--root', join(layout.cache, 'buildah'), '--runroot', join(layout.temporary, 'buildah'), '--storage-driver', 'overlay'];
  return [...apart, 'sh', join(world.resources, 'lab', 'native', 'apart.sh'), layout.temporary, 'buildah', ...storage, ...args];
}

/** In a mount namespace of its own: whatever ends the program, its mounts end with it. */
const apart = ['unshare', '--mount', '--propagation', 'slave', '--'] as const;
