// Builds dist/: the program in a few files, one for what every command needs and others for what some load. Types are checked by tsc elsewhere.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Plugin, rolldown } from 'rolldown';
import { lateEntries, latePackages } from './late-packages.ts';
import { licences } from './licences.ts';
import { readyValidators } from './ready-validators.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const { dependencies } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { dependencies: Record<string, string> };

/** Packages that are built in, because `sim lint` needs them: to open their many files takes longer than what they do. */
const BUILT_IN = ['@marcbachmann/cel-js', 'ajv', 'commander', 'picocolors', 're2js', 'yaml'];

async function build(input: Record<string, string>, plugins: Plugin[]): Promise<void> {
  const bundle = await rolldown({
    cwd: root,
    platform: 'node',
    input,
    external: Object.keys(dependencies).filter((name) => !BUILT_IN.includes(name)),
    plugins: [...plugins, latePackages()],
    // How long it took on a busy machine is no fault of what is built.
    checks: { pluginTimings: false },
    onLog: (level, log, report) => report(level === 'warn' ? 'error' : level, log),
  });
  await bundle.write({
    dir: 'dist',
    // CommonJS, because Node loads it faster: a module of Node costs nothing until it is used, and nothing is linked. As deep as the sources,
    // since some of them find the package's own files from where they stand.
    format: 'cjs',
    // bin/compiled.cjs runs these files, and only Node's own loader may give `import()` to code.
    dynamicImportInCjs: false,
    entryFileNames: 'sim/[name].cjs',
    chunkFileNames: 'sim/[name].cjs',
    sourcemap: true,
  });
  await bundle.close();
}

rmSync(`${root}dist`, { recursive: true, force: true });
const built = new Set<string>();
// What is seldom needed is built apart: it would have the program cut along what both use.
await build({ 'schema-compiler': 'src/language/schema-compiler.ts', ...lateEntries }, [licences(built)]);
await build({ cli: 'src/cli.ts', 'lint-worker': 'src/commands/lint-worker.ts' }, [readyValidators(root), licences(built)]);

// By it bin/compiled.cjs knows whether compiled code belongs to this build.
const folder = `${root}dist/sim`;
const hash = createHash('sha256');
for (const file of readdirSync(folder).sort())
  if (file.endsWith('.cjs')) hash.update(`${file}\n`).update(readFileSync(`${folder}/${file}`));
writeFileSync(`${folder}/build-id`, `${hash.digest('hex').slice(0, 16)}\n`);
