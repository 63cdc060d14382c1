#!/usr/bin/env node
// The command `sim`. Written so that an old Node can read it and say what is missing, where the program itself would not even load.
// No `import` statement may stand here: those are resolved before the first line runs.
const needed = [22, 15];
const found = process.versions.node.split('.').map(Number);

if (found[0] < needed[0] || (found[0] === needed[0] && found[1] < needed[1])) {
  process.stderr.write(`sim: Node.js ${needed.join('.')} or newer is needed; this is ${process.versions.node} (${process.execPath}).\n`);
  process.exitCode = 3;
} else {
  keepCompiled();
  const { createRequire } = process.getBuiltinModule('node:module');
  try {
    createRequire(import.meta.url)('../dist/sim/cli.cjs');
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND' || error.requireStack?.length !== 1) throw error;
    process.stderr.write('sim: not built yet: run `npm run setup` first.\n');
    process.exitCode = 3;
  }
}

/**
 * Compiled code is kept between runs, in a folder that nobody else can write to: half of the start-up time is compiling. NODE_COMPILE_CACHE
 * names another folder, NODE_DISABLE_COMPILE_CACHE does without, and where there is none the program only starts more slowly.
 */
function keepCompiled() {
  const { env, getBuiltinModule } = process;
  if (env.NODE_COMPILE_CACHE !== undefined) return;
  try {
    const { join } = getBuiltinModule('node:path');
    const folder = env.XDG_CACHE_HOME || join(getBuiltinModule('node:os').homedir(), '.cache');
    getBuiltinModule('node:module').enableCompileCache(join(folder, 'kubesim', 'compiled'));
  } catch {
    // There is a user without a home.
  }
}
