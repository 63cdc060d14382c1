#!/usr/bin/env node
// The command `sim`. Written so that an old Node can read it and say what is missing, where the program itself would not even load.
// No `import` statement may stand here: those are resolved before the first line runs.
const needed = [22, 15];
const found = process.versions.node.split('.').map(Number);

if (found[0] < needed[0] || (found[0] === needed[0] && found[1] < needed[1])) {
  process.stderr.write(`sim: Node.js ${needed.join('.')} or newer is needed; this is ${process.versions.node} (${process.execPath}).\n`);
  process.exitCode = 3;
} else start();

function start() {
  const { env, getBuiltinModule } = process;
  const { createRequire, enableCompileCache } = getBuiltinModule('node:module');
  const cache = cacheFolder();
  // For the packages that are not built in; with NODE_COMPILE_CACHE, Node has done so itself.
  if (cache !== undefined && env.NODE_COMPILE_CACHE === undefined) enableCompileCache(cache);
  const require = createRequire(import.meta.url);
  const { existsSync } = getBuiltinModule('node:fs');
  const program = getBuiltinModule('node:url').fileURLToPath(new URL('../dist/sim/cli.cjs', import.meta.url));
  if (existsSync(program)) require('./compiled.cjs').load(program, cache && getBuiltinModule('node:path').join(cache, 'sim'));
  else {
    process.stderr.write('sim: not built yet: run `npm run setup` first.\n');
    process.exitCode = 3;
  }
}

/**
 * Where compiled code is kept between runs: a folder that nobody else writes to. NODE_COMPILE_CACHE names another one, and
 * NODE_DISABLE_COMPILE_CACHE does without.
 */
function cacheFolder() {
  const { env, getBuiltinModule } = process;
  if (env.NODE_DISABLE_COMPILE_CACHE) return undefined;
  if (env.NODE_COMPILE_CACHE) return env.NODE_COMPILE_CACHE;
  const { join } = getBuiltinModule('node:path');
  try {
    return join(env.XDG_CACHE_HOME || join(getBuiltinModule('node:os').homedir(), '.cache'), 'kubesim', 'compiled');
  } catch {
    // A user without a home.
    return undefined;
  }
}
