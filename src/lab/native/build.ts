// Builds lab/kubelab: one program that is all of Kubernetes, and the one that pods' first containers run.
import { join } from 'node:path';
import type { LabWorld } from '../driver.ts';
import type { StageContext } from '../stages.ts';
import { goEnvironment, goProgram } from './go.ts';
import { helmVersion, kubernetesVersion, type Layout } from './layout.ts';

const [major = '', minor = ''] = kubernetesVersion.split('.');
const VARIABLES = {
  'k8s.io/component-base/version.gitVersion': `v${kubernetesVersion}`,
  'k8s.io/component-base/version.gitMajor': major,
  'k8s.io/component-base/version.gitMinor': minor,
  'helm.sh/helm/v4/internal/version.version': `v${helmVersion}`,
};
const LINK = ['-s -w', ...Object.entries(VARIABLES).map(([name, value]) => `-X ${name}=${value}`)].join(' ');

/** Folder in the cache that holds this version of the programs. */
export async function programFolder(world: LabWorld, layout: Layout): Promise<string> {
  const key = await world.files.digest([join(world.resources, 'lab', 'kubelab')]);
  return join(layout.cache, 'programs', `${key.slice(0, 16)}-${world.arch}`);
}

/** Builds both programs into the folder, which appears whole or not at all. */
export async function buildPrograms(world: LabWorld, layout: Layout, folder: string, context: StageContext): Promise<string | undefined> {
  if (await world.files.exists(folder)) return 'cached';
  const environment = goEnvironment(world, layout);
  const go = await goProgram(world, environment, context);
  const draft = `${folder}.new`;
  await world.files.remove(draft);
  await world.files.makeFolder(draft);
  const build = async (name: string, source: string) => {
    await context.exec([go, 'build', '-v', '-trimpath', '-buildvcs=false', '-ldflags', LINK, '-o', join(draft, name), source], {
      cwd: join(world.resources, 'lab', 'kubelab'),
      env: environment,
    });
  };
  await build('pause', './pause');
  await build('kubelab', '.');
  await context.exec(['mv', draft, folder]);
  return undefined;
}
