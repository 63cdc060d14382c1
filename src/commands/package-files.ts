// The package's own data: playbooks/ and alerts/, beside src/ and dist/ alike.
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
