// The native driver: a whole Kubernetes on this Linux machine, in namespaces of its own, without a container engine.
import { join } from 'node:path';
import { Failure } from '../../ports/failure.ts';
import type { LabDriver, LabOptions, LabRecord, LabWorld, Report, SensorState } from '../driver.ts';
import { readRecord } from '../facts.ts';
import { labFolders } from '../folders.ts';
import { imageInputs } from '../images.ts';
import { buildSensor, installSensor, removeSensor, sensorBuild, sensorQuestion, sensorState } from '../sensor.ts';
import { runStages, type Stage, type StageContext } from '../stages.ts';
import { buildPrograms, programFolder } from './build.ts';
import { buildImage, hasImage, imageKeys, makeRootfs } from './build-images.ts';
import { makeCgroups, worldInside } from './cgroups.ts';
import { clusterStages } from './cluster.ts';
import { components } from './components.ts';
import { loadImage } from './containers.ts';
import { findGo, goPackage } from './go.ts';
import { nativeLayout } from './layout.ts';
import { borrowedPackages, borrowPackages, installPackages, missingPackages, neededPackages } from './packages.ts';
import { type Supervisor, supervisor } from './supervisor.ts';
import { tearDown } from './teardown.ts';

/** The native lab of this world's folders. */
export function nativeDriver(world: LabWorld): LabDriver {
  const layout = nativeLayout(labFolders(world.env));
  const { files } = world;
  const programs = supervisor(world, layout);

  /** Holds both locks, always in this order, while `work` goes on. */
  const locked = async <T>(report: Report, signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
    requireRoot(world);
    const held: { release(): Promise<void> }[] = [];
    const onWait = (holder: number) =>
      report({ type: 'note', stage: 'Lock', seconds: 0, text: `waiting for process ${holder}, which works on the lab` });
    try {
      for (const path of [layout.stateLock, layout.cacheLock]) held.push(await files.lock(path, { signal, onWait }));
      return await work();
    } finally {
      for (const lock of held.reverse()) await lock.release();
    }
  };

  /** `inside`: the world of what belongs to the lab alone. Builds look for programs that may be missing, which only the plain one can tell. */
  const stagesFor = async (
    inside: LabWorld,
    starting: Supervisor,
    { cloud, sensor: withSensor = true, held }: LabOptions & { held: boolean },
  ): Promise<Stage[]> => {
    const programsAt = await programFolder(world, layout);
    const images = await imageKeys(world, layout, programsAt);
    const tools = join(layout.cache, 'tools', `${borrowedPackages.join('+')}-${world.arch}`);
    const sensor = await sensorBuild(world, layout.cache);
    const sensorArchive = join(layout.imageFolder, `sensor-${sensor.key}.tar`);
    const build = !(await files.exists(programsAt)) || (withSensor && !(await files.exists(sensor.folder)));
    const noGo = build && (await findGo(world)) === undefined;
    // Go fetches modules over TLS.
    const buildLater = noGo || (build && (await missingPackages(world, ['ca-certificates'])).length > 0);
    const dockerfile = (name: string) => join(world.resources, 'lab', 'native', `${name}.Dockerfile`);
    const allBuilt = (await Promise.all(images.roles.map(({ archive }) => files.exists(archive)))).every(Boolean);
    return [
      {
        name: 'Packages',
        after: [],
        // A service that an installation starts again is the machine's: in the lab's cgroup it would end with the lab.
        process: world.process,
        run: (context) => installPackages(world, [...neededPackages, ...(noGo ? [goPackage] : [])], context),
      },
      { name: 'Kubernetes', after: buildLater ? ['Packages'] : [], run: (context) => buildPrograms(world, layout, programsAt, context) },
      { name: 'Tools', after: ['Packages'], run: (context) => borrowPackages(world, tools, context) },
      ...clusterStages(
        inside,
        layout,
        starting,
        { cloud, held },
        { programs: programsAt, tools, after: ['Packages', 'Kubernetes', 'Tools'] },
      ),
      {
        name: 'Base image',
        after: ['Packages'],
        async run(context) {
          if (allBuilt) return 'cached';
          const { folder, reference } = images.base;
          const made = await makeRootfs(world, layout, folder, context);
          if (made === 'cached' && (await hasImage(world, layout, reference))) return made;
          return await buildImage(world, layout, { reference, dockerfile: dockerfile('base'), context: folder }, context);
        },
      },
      ...images.roles.map(
        ({ name, reference, archive, context: folder }): Stage => ({
          name: `Image ${name}`,
          after: ['Base image'],
          async run(context) {
            if (await files.exists(archive)) return 'cached';
            const image = { reference, archive, dockerfile: join(folder, 'Dockerfile'), context: folder, base: images.base.reference };
            return await buildImage(world, layout, image, context);
          },
        }),
      ),
      {
        name: 'Image pause',
        after: ['Kubernetes', 'Packages'],
        async run(context) {
          const { reference, archive } = images.pause;
          if (await files.exists(archive)) return 'cached';
          return await buildImage(world, layout, { reference, archive, dockerfile: dockerfile('pause'), context: programsAt }, context);
        },
      },
      ...(withSensor
        ? [
            {
              name: 'Sensor',
              // Most of what it is made of is compiled by then.
              after: ['Kubernetes'],
              run: (context: StageContext) => buildSensor(world, layout, sensor, context),
            },
            {
              name: 'Image sensor',
              after: ['Sensor', 'Packages'],
              async run(context: StageContext) {
                if (await files.exists(sensorArchive)) return 'cached';
                const { reference, dockerfile: file, folder } = sensor;
                return await buildImage(world, layout, { reference, archive: sensorArchive, dockerfile: file, context: folder }, context);
              },
            },
          ]
        : []),
      ...[
        { name: 'pause', ...images.pause },
        ...(withSensor ? [{ name: 'sensor', reference: sensor.reference, key: sensor.key, archive: sensorArchive }] : []),
        ...images.roles,
      ].map(
        (image): Stage => ({
          name: `Load ${image.name}`,
          after: ['Container runtime', `Image ${image.name}`],
          run: (context) => loadImage(inside, layout, image, context),
        }),
      ),
      {
        name: 'Start sensor',
        after: withSensor ? ['Node', 'Load pause', 'Load sensor'] : ['Node'],
        run: (context) => {
          const { helm, kubeconfig, auditLog, sensorMark: mark, helmHome: home } = layout;
          const into = { helm, kubeconfig, auditLog, mark, home };
          return withSensor ? installSensor(inside, into, sensor, context) : removeSensor(inside, into, context);
        },
      },
    ];
  };

  const isHeld = async () => (await programs.running('namespaces')) !== undefined;

  const sensorOf = async (): Promise<SensorState> => {
    if (!(await files.exists(layout.sensorMark))) return 'absent';
    const connection = [`--kubeconfig=${layout.kubeconfig}`, `--cache-dir=${layout.kubectlCache}`, '--request-timeout=5s'];
    return sensorState(await world.process.run([layout.kubelab, 'kubectl', ...connection, ...sensorQuestion]));
  };

  /** `held`: the lab that is there goes on. */
  const bringUp = async (options: LabOptions & { held: boolean }, report: Report, signal: AbortSignal): Promise<void> => {
    // Without its first process the namespaces are gone, and what is left is of no use.
    if (!options.held) await tearDown(world, layout);
    await files.remove(layout.temporary);
    for (const folder of [layout.temporary, layout.run, layout.imageFolder]) await files.makeFolder(folder);
    const cgroup = await makeCgroups(world, layout.name);
    const inside = worldInside(world, cgroup);
    await runStages(await stagesFor(inside, supervisor(inside, layout, cgroup), options), inside, report, signal);
    await files.remove(layout.temporary);
  };

  return {
    name: 'native',
    up: (options, report, signal) =>
      locked(report, signal, async () => {
        const held = await isHeld();
        await bringUp({ ...options, held }, report, signal).catch(async (error: unknown) => {
          // What was killed may look alive for another moment, and end under our hands.
          if (signal.aborted || !held || (await isHeld())) throw error;
          report({ type: 'note', stage: 'Namespaces', seconds: 0, text: 'the first process of the lab has ended: beginning anew' });
          await bringUp({ ...options, held: false }, report, signal);
        });
        const { kubeconfig, helm, auditLog } = layout;
        const record: LabRecord = { version: 1, driver: 'native', cloud: options.cloud, kubeconfig, helm, auditLog, images: imageInputs };
        await files.write(layout.record, `${JSON.stringify(record, null, 2)}\n`);
        return record;
      }),
    down: (report, signal) => locked(report, signal, () => tearDown(world, layout)),
    purge: (report, signal) =>
      locked(report, signal, async () => {
        await tearDown(world, layout);
        // Go's module cache is read-only.
        await world.process.run(['chmod', '-R', 'u+w', join(layout.cache, 'go-mod')]);
        await files.remove(layout.cache);
      }),
    async status() {
      const { cloud } = (await readRecord(files, layout.record)) ?? {};
      const names = ['namespaces', ...Object.keys(components(layout, { cloud: cloud ?? 'azure', port: 0, holder: 0 }))];
      const parts = await Promise.all(names.map(async (name) => ({ name, running: (await programs.running(name)) !== undefined })));
      const alive = parts.filter(({ running }) => running).length;
      const state = alive === 0 ? 'down' : alive === parts.length && cloud !== undefined ? 'up' : 'partial';
      const { kubeconfig, auditLog } = layout;
      const sensor = state === 'down' ? 'absent' : await sensorOf();
      return { driver: 'native', state, kubeconfig, auditLog, sensor, parts, ...(cloud === undefined ? {} : { cloud }) };
    },
  };
}

function requireRoot(world: LabWorld): void {
  if (world.platform === 'linux' && world.root) return;
  throw new Failure('configuration', 'the native lab needs Linux and root: it makes namespaces, mounts and cgroups', {
    hint: 'Run as root, or use `--driver kind` with a container engine.',
  });
}
