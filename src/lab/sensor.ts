// The reference sensor in a lab: its program, built here, and its chart, installed with what the lab's node has.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { LabWorld, SensorState } from './driver.ts';
import { type GoFolders, goEnvironment, goProgram } from './native/go.ts';
import type { StageContext } from './stages.ts';

/** Where the chart is installed, and as what. */
export const sensorRelease = { name: 'sensor', namespace: 'kubesim-sensor' } as const;

export interface SensorBuild {
  /** Changes with anything that it is made of. */
  key: string;
  /** Folder of the program, which is the context of the image. */
  folder: string;
  dockerfile: string;
  /** Of the image: another build is another tag, so that its pods start anew. */
  reference: string;
}

/** What would be built from these sources. */
export async function sensorBuild(world: LabWorld, cache: string): Promise<SensorBuild> {
  const dockerfile = join(world.resources, 'images', 'sensor', 'Dockerfile');
  const sources = await world.files.digest([join(world.resources, 'sensor'), dockerfile]);
  const key = createHash('sha256').update(`${sources} ${world.arch}`).digest('hex').slice(0, 16);
  return { key, dockerfile, folder: join(cache, 'sensor', key), reference: `simlab/sensor:${key}` };
}

/** Builds the program into its folder, which appears whole or not at all. */
export async function buildSensor(
  world: LabWorld,
  go: GoFolders,
  { key, folder }: SensorBuild,
  context: StageContext,
): Promise<string | undefined> {
  if (await world.files.exists(folder)) return 'cached';
  const environment = goEnvironment(world, go);
  const program = await goProgram(world, environment, context);
  const draft = `${folder}.new`;
  await world.files.remove(draft);
  await world.files.makeFolder(draft);
  const link = `-s -w -X main.version=lab-${key}`;
  await context.exec([program, 'build', '-v', '-trimpath', '-buildvcs=false', '-ldflags', link, '-o', join(draft, 'sensor'), '.'], {
    cwd: join(world.resources, 'sensor'),
    env: environment,
  });
  await context.exec(['mv', draft, folder]);
  return undefined;
}

/** Installs the chart, or brings it up to date, and waits until its pods are ready. `auditLog`: as the node has it. */
export async function installSensor(
  world: LabWorld,
  { helm, kubeconfig, auditLog, mark, home }: { helm: string; kubeconfig: string; auditLog: string; mark: string; home: string },
  { key, reference }: SensorBuild,
  { exec }: StageContext,
): Promise<string | undefined> {
  const chart = join(world.resources, 'charts', 'sensor');
  const wanted = `${key} ${await world.files.digest([chart])} ${auditLog}`;
  const found = await world.files.read(mark).catch(() => '');
  if (found === wanted) return 'runs already';
  const options = { env: helmEnvironment(home) };
  // Helm takes an installation that was cut short for one that goes on.
  if (found === BEGUN) await exec(uninstallCommand(helm, kubeconfig), options);
  await world.files.write(mark, BEGUN);
  const [repository = '', tag = ''] = reference.split(':');
  const values = { image: { repository, tag, pullPolicy: 'Never' }, allPods: true, audit: { enabled: true, path: auditLog } };
  await exec(
    [
      helm,
      'upgrade',
      sensorRelease.name,
      chart,
      '--install',
      '--create-namespace',
      `--namespace=${sensorRelease.namespace}`,
      `--kubeconfig=${kubeconfig}`,
      '--values=-',
      '--wait',
      '--timeout=120s',
    ],
    { ...options, input: JSON.stringify(values) },
  );
  await world.files.write(mark, wanted);
  return undefined;
}

/** Takes the sensor out of a lab where it is in it. */
export async function removeSensor(
  world: LabWorld,
  { helm, kubeconfig, mark, home }: { helm: string; kubeconfig: string; mark: string; home: string },
  { exec }: StageContext,
): Promise<string | undefined> {
  if (!(await world.files.exists(mark))) return 'left out';
  await exec(uninstallCommand(helm, kubeconfig), { env: helmEnvironment(home) });
  await world.files.remove(mark);
  return 'removed';
}

/** Arguments of kubectl that ask how many of the sensor's pods are ready, and how many there should be. */
export const sensorQuestion = [
  'get',
  'daemonset',
  sensorRelease.name,
  `--namespace=${sensorRelease.namespace}`,
  '--output=jsonpath={.status.numberReady}/{.status.desiredNumberScheduled}',
] as const;

/** What the answer to it says. */
export function sensorState(answer: { exitCode: number; stdout: string }): SensorState {
  const [ready = '', wanted = ''] = answer.stdout.trim().split('/');
  return answer.exitCode === 0 && ready === wanted && Number(ready) > 0 ? 'ready' : 'not ready';
}

const BEGUN = 'begun';

function uninstallCommand(helm: string, kubeconfig: string): [string, ...string[]] {
  const { name, namespace } = sensorRelease;
  return [helm, 'uninstall', name, `--namespace=${namespace}`, `--kubeconfig=${kubeconfig}`, '--ignore-not-found', '--wait'];
}

/** Nothing of the operator's: neither a cluster nor plugins, and no cache in the home folder. */
function helmEnvironment(home: string): Record<string, string> {
  return {
    HELM_CACHE_HOME: join(home, 'cache'),
    HELM_CONFIG_HOME: join(home, 'config'),
    HELM_DATA_HOME: join(home, 'data'),
    HELM_PLUGINS: join(home, 'plugins'),
    HELM_KUBECONTEXT: '',
    HELM_KUBEAPISERVER: '',
    HELM_KUBETOKEN: '',
    HELM_DRIVER: 'secret',
  };
}
