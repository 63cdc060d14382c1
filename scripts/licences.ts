// The licences of the packages that are built into dist/: they ask to be passed on with the code.
import { readdirSync, readFileSync } from 'node:fs';
import type { Plugin } from 'rolldown';

/** `folders` collects the packages of one build after another. */
export const licences = (folders: Set<string>): Plugin => ({
  name: 'licences',
  generateBundle(_, bundle) {
    const modules = Object.values(bundle).flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
    for (const id of modules) for (const folder of /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id) ?? []) folders.add(folder);
    const source = [...folders]
      .sort()
      .map(licenceOf)
      .join(`\n${'-'.repeat(80)}\n\n`);
    this.emitFile({ type: 'asset', fileName: 'LICENSES.txt', source });
  },
});

function licenceOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as Record<string, string>;
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  if (file === undefined) throw new Error(`${name} has no licence file; it says: ${license}`);
  return `${name} ${version} (${license})\n\n${readFileSync(`${folder}/${file}`, 'utf8').trim()}\n`;
}
