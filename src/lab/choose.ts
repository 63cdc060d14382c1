// Which driver makes the lab: the one asked for, else kind where an engine really answers, else native.
import { Failure } from '../ports/failure.ts';
import { type DriverName, driverNames, type LabWorld } from './driver.ts';

const ENGINE_TIMEOUT = 10_000;

/** Throws Failure configuration where the driver asked for is unknown, or none can work here. */
export async function chooseDriver(requested: string | undefined, world: LabWorld, signal?: AbortSignal): Promise<DriverName> {
  const asked = requested || world.env.SIM_LAB_DRIVER;
  if (asked !== undefined && asked !== '') {
    const found = driverNames.find((name) => name === asked);
    if (found !== undefined) return found;
    throw new Failure('configuration', `there is no lab driver "${asked}"`, { hint: `The drivers are ${driverNames.join(' and ')}.` });
  }
  if ((await kindNodeImage(world, signal)) !== undefined && (await answers(world, ['kind', 'version'], signal)) !== undefined)
    return 'kind';
  if (world.platform === 'linux' && world.root) return 'native';
  throw new Failure('configuration', 'no lab can be made here', {
    hint:
      world.platform === 'linux'
        ? 'Run as root for the native lab; or start a container engine, install kind and pull its node image.'
        : 'Start a container engine, install kind and pull its node image (kindest/node).',
  });
}

/** The newest node image of kind that the container engine has; undefined without an engine that answers, or without one. */
export async function kindNodeImage(world: LabWorld, signal?: AbortSignal): Promise<string | undefined> {
  const listed = await answers(world, ['docker', 'image', 'ls', 'kindest/node', '--format', '{{.Repository}}:{{.Tag}}'], signal);
  const images = (listed ?? '').split('\n').filter((line) => /^kindest\/node:v\d/.test(line));
  return images.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))[0];
}

async function answers(world: LabWorld, command: [string, ...string[]], signal: AbortSignal | undefined): Promise<string | undefined> {
  try {
    const { exitCode, stdout } = await world.process.run(command, { timeout: ENGINE_TIMEOUT, ...(signal === undefined ? {} : { signal }) });
    return exitCode === 0 ? stdout : undefined;
  } catch (error) {
    // A client without an engine behind it may also hang.
    if (error instanceof Failure && (error.code === 'command-not-found' || error.code === 'timeout')) return undefined;
    throw error;
  }
}
