// The package's own data: playbooks/ and alerts/, beside src/ and dist/ alike.
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Catalogue, parseCatalogue } from '../alerts/catalogue.ts';
import type { Files } from '../ports/files.ts';

export const packageFolder = fileURLToPath(new URL('../../', import.meta.url));

const alerts = `${packageFolder}alerts`;
export const playbooksFolder = `${packageFolder}playbooks`;

/** The catalogue that ships with the package. Throws Failure invalid. */
export async function loadCatalogue(files: Pick<Files, 'list' | 'read'>): Promise<Catalogue> {
  const names = (await files.list(alerts)).filter((name) => name.endsWith('.yaml'));
  return parseCatalogue(await Promise.all(names.map(async (name) => ({ name, text: await files.read(`${alerts}/${name}`) }))));
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
