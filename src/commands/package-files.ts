// The package's own data: playbooks/ and alerts/, beside src/ and dist/ alike.
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Catalogue } from '../alerts/catalogue.ts';
import type { Files } from '../ports/files.ts';

export const packageFolder = fileURLToPath(new URL('../../', import.meta.url));

const alerts = `${packageFolder}alerts`;
export const playbooksFolder = `${packageFolder}playbooks`;

/** The playbook that proves alert sources; it is none of the scenarios. */
export const canaryFile = `${playbooksFolder}/checks/canary.yaml`;

export async function packageVersion(files: Pick<Files, 'read'>): Promise<string> {
  return (JSON.parse(await files.read(`${packageFolder}package.json`)) as { version: string }).version;
}

/** The catalogue that ships with the package. Throws Failure invalid. */
export async function loadCatalogue(files: Pick<Files, 'list' | 'read'>): Promise<Catalogue> {
  const { parseCatalogue } = await import('../alerts/catalogue.ts');
  const texts = (await alertIds(files)).map(async (id) => ({ name: `${id}.yaml`, text: await files.read(`${alerts}/${id}.yaml`) }));
  return parseCatalogue(await Promise.all(texts));
}

/** Ids of that catalogue without reading it: each file is called by its id. */
export async function alertIds(files: Pick<Files, 'list'>): Promise<string[]> {
  return (await files.list(alerts)).filter((name) => name.endsWith('.yaml')).map((name) => name.slice(0, -'.yaml'.length));
}

/** Names of the playbooks that ship with the package. */
export async function playbookNames(files: Pick<Files, 'list'>): Promise<string[]> {
  return (await files.list(playbooksFolder)).filter((name) => name.endsWith('.yaml')).map((name) => name.slice(0, -'.yaml'.length));
}

/** A file of the package as the new file refers to it: by a relative path where both are in one project, which moves as a whole. */
export function pathTo(packageFile: string, file: string): string {
  const target = join(packageFolder, packageFile);
  const from = dirname(resolve(file));
  const project = packageFolder.split(`${sep}node_modules${sep}`)[0] ?? packageFolder;
  return `${from}${sep}`.startsWith(join(project, sep)) ? relative(from, target) : target;
}
