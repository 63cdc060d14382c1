// The kind driver: a thin layer over `kind` and a container engine, for machines that have them.
import { join } from 'node:path';
import { Failure } from '../ports/failure.ts';
import { kindNodeImage } from './choose.ts';
import type { LabDriver, LabRecord, LabWorld, SensorState } from './driver.ts';
import { readRecord, recordPath } from './facts.ts';
import { labFolders } from './folders.ts';
import { imageInputs, labImages } from './images.ts';
import { findGo } from './native/go.ts';
import { buildSensor, installSensor, removeSensor, type SensorBuild, sensorBuild, sensorQuestion, sensorState } from './sensor.ts';
import { runStages, type Stage } from './stages.ts';
import { fillTemplate } from './template.ts';

/** The kind lab of this world's folders. It has no metadata service, and its pods can reach what its engine's network can. */
export function kindDriver(world: LabWorld): LabDriver {
  const { files, resources } = world;
  const { name, state, cache } = labFolders(world.env);
  const kubeconfig = join(state, 'kubeconfig');
  const record = recordPath(world.env);
  const lock = (signal: AbortSignal) => files.lock(`${state}.lock`, { signal });

  const clusterExists = async (signal?: AbortSignal): Promise<boolean> => {
    const { exitCode, stdout } = await world.process.run(['kind', 'get', 'clusters'], signal === undefined ? {} : { signal });
    return exitCode === 0 && stdout.split('\n').includes(name);
  };

  const stages = (nodeImage: string, sensor: SensorBuild, withSensor: boolean): Stage[] => [
    {
      name: 'Cluster',
      after: [],
      async run({ exec, signal }) {
        if (await clusterExists(signal)) {
          await exec(['kind', 'export', 'kubeconfig', '--name', name, '--kubeconfig', kubeconfig]);
          return 'runs already';
        }
        const template = await files.read(join(resources, 'lab', 'kind', 'cluster.yaml'));
        const input = fillTemplate(template, { auditPolicy: join(resources, 'lab', 'audit-policy.yaml') });
        await files.makeFolder(state);
        await exec(
          [
            'kind',
            'create',
            'cluster',
            '--name',
            name,
            '--image',
            nodeImage,
            '--config',
            '-',
            '--kubeconfig',
            kubeconfig,
            '--wait',
            '120s',
          ],
          {
            input,
          },
        );
        return undefined;
      },
    },
    ...labImages(resources).flatMap((image): Stage[] => [
      {
        name: `Image ${image.name}`,
        after: [],
        async run({ exec }) {
          await exec(['docker', 'build', '--tag', image.reference, image.context]);
          return undefined;
        },
      },
      {
        name: `Load ${image.name}`,
        after: ['Cluster', `Image ${image.name}`],
        async run({ exec }) {
          await exec(['kind', 'load', 'docker-image', image.reference, '--name', name]);
          return undefined;
        },
      },
    ]),
    ...(withSensor ? sensorStages(sensor) : []),
    {
      name: 'Start sensor',
      after: withSensor ? ['Load sensor'] : ['Cluster'],
      run: (context) => (withSensor ? installSensor(world, into, sensor, context) : removeSensor(world, into, context)),
    },
  ];

  // kind brings no helm.
  const into = {
    helm: world.env.SIM_HELM || 'helm',
    kubeconfig,
    auditLog: '/var/log/kubernetes/audit.log',
    mark: join(state, 'sensor'),
    home: join(state, 'helm'),
  };

  const sensorStages = (sensor: SensorBuild): Stage[] => [
    {
      name: 'Sensor',
      after: [],
      async run(context) {
        const go = { cache, temporary: join(cache, 'tmp') };
        await files.makeFolder(go.temporary);
        return await buildSensor(world, go, sensor, context);
      },
    },
    {
      name: 'Image sensor',
      after: ['Sensor'],
      async run({ exec }) {
        await exec(['docker', 'build', '--tag', sensor.reference, '--file', sensor.dockerfile, sensor.folder]);
        return undefined;
      },
    },
    {
      name: 'Load sensor',
      after: ['Cluster', 'Image sensor'],
      async run({ exec }) {
        await exec(['kind', 'load', 'docker-image', sensor.reference, '--name', name]);
        return undefined;
      },
    },
  ];

  const sensorOf = async (): Promise<SensorState> => {
    if (!(await files.exists(into.mark))) return 'absent';
    const inNode = ['exec', `${name}-control-plane`, 'kubectl', '--kubeconfig=/etc/kubernetes/admin.conf', '--request-timeout=5s'];
    return sensorState(await world.process.run(['docker', ...inNode, ...sensorQuestion]));
  };

  const remove = async (signal: AbortSignal) => {
    const { exitCode, stderr } = await world.process.run(['kind', 'delete', 'cluster', '--name', name, '--kubeconfig', kubeconfig], {
      signal,
    });
    if (exitCode !== 0) throw new Failure('internal', `kind could not delete the cluster ${name}: ${stderr.trim()}`);
    await files.remove(state);
  };

  const driver: LabDriver = {
    name: 'kind',
    async up({ sensor: wanted = true }, report, signal) {
      const nodeImage = await kindNodeImage(world, signal);
      if (nodeImage === undefined) {
        throw new Failure('configuration', 'no container engine answers, or it has no node image of kind', {
          hint: 'Start the engine and pull kindest/node, or use `--driver native` as root on Linux.',
        });
      }
      // An engine is all that kind needs: who has no Go gets the lab that there was before there was a sensor.
      const sensor = wanted && (await findGo(world)) !== undefined;
      if (wanted && !sensor) report({ type: 'note', stage: 'Sensor', seconds: 0, text: 'there is no Go to build it with: it is left out' });
      const held = await lock(signal);
      try {
        await runStages(stages(nodeImage, await sensorBuild(world, cache), sensor), world, report, signal);
        const made: LabRecord = { version: 1, driver: 'kind', kubeconfig, images: imageInputs };
        await files.write(record, `${JSON.stringify(made, null, 2)}\n`);
        return made;
      } finally {
        await held.release();
      }
    },
    async down(_report, signal) {
      const held = await lock(signal);
      try {
        await remove(signal);
      } finally {
        await held.release();
      }
    },
    async purge(report, signal) {
      await driver.down(report, signal);
      for (const { reference } of labImages(resources)) await world.process.run(['docker', 'image', 'rm', reference], { signal });
    },
    async status() {
      const running = await clusterExists();
      const known = (await readRecord(files, record)) !== undefined;
      const sensor = running ? await sensorOf() : 'absent';
      return {
        driver: 'kind',
        state: running ? (known ? 'up' : 'partial') : 'down',
        kubeconfig,
        sensor,
        parts: [{ name: 'cluster', running }],
      };
    },
  };
  return driver;
}
