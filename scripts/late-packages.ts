// Packages that load when they are first used, although they are imported at the top of a file.
import { createRequire } from 'node:module';
import type { Plugin } from 'rolldown';

/** Each with the files for which it is so. */
const LATE: readonly { name: string; importer: RegExp }[] = [
  // Most playbooks are read without it, and hold no pattern.
  { name: 'yaml', importer: /\/src\/language\// },
  { name: 're2js', importer: /\/src\/language\// },
  // Only some formats name findings by a hash.
  { name: 'node:crypto', importer: /\/src\/commands\/lint\.ts$/ },
  // It would start programs for subcommands of their own, which `sim` has none of.
  { name: 'node:child_process', importer: /\/node_modules\/commander\// },
];
const PREFIX = '\0late:';
const require = createRequire(import.meta.url);

const isBuiltIn = (name: string): boolean => name.startsWith('node:');

/** Entries of the build, so that each of these packages has a file of its own. */
export const lateEntries = Object.fromEntries(LATE.filter(({ name }) => !isBuiltIn(name)).map(({ name }) => [name, name]));

export const latePackages = (): Plugin => ({
  name: 'late-packages',
  resolveId: {
    order: 'pre',
    handler: (source, importer = '') =>
      LATE.some(({ name, importer: of }) => name === source && of.test(importer)) ? `${PREFIX}${source}` : undefined,
  },
  load: (id) => (id.startsWith(PREFIX) ? lateModule(id.slice(PREFIX.length)) : undefined),
});

/** The same exports; what is not imported of them is left out of the build. */
function lateModule(name: string): string {
  const exported = require(name) as Record<string, unknown>;
  const names = Object.keys(exported).filter((each) => /^[a-zA-Z]\w*$/.test(each) && each !== 'default');
  return `
let loaded;
const late = () => (loaded ??= module.require(${JSON.stringify(isBuiltIn(name) ? name : `./${name}.cjs`)}));
const stand = (value) => new Proxy(function () {}, {
  get: (_, key) => value()[key],
  apply: (_, self, all) => Reflect.apply(value(), self, all),
  construct: (_, all) => Reflect.construct(value(), all),
});
export default /* @__PURE__ */ stand(late);
${names
  .map((each) =>
    isPlainFunction(exported[each])
      ? `export const ${each} = (...all) => late().${each}(...all);`
      : `export const ${each} = /* @__PURE__ */ stand(() => late().${each});`,
  )
  .join('\n')}
`;
}

/** No class, and with nothing of its own: a call is all that it is for. Asked for often, so that it is not worth the detour. */
const isPlainFunction = (value: unknown): boolean =>
  typeof value === 'function' && !/^class\b/.test(String(value)) && Object.keys(value).length === 0;
