#!/usr/bin/env node
// The command `sim`. Written so that an old Node can read it and say what is missing, where the program itself would not even load.
// No `import` statement may stand here: those are resolved before the first line runs.
const needed = [22, 15];
const found = process.versions.node.split('.').map(Number);

if (found[0] < needed[0] || (found[0] === needed[0] && found[1] < needed[1])) {
  process.stderr.write(`sim: Node.js ${needed.join('.')} or newer is needed; this is ${process.versions.node} (${process.execPath}).\n`);
  process.exitCode = 3;
} else {
  // Compiled code is kept between runs, in a folder that nobody else can write to: half of the start-up time is compiling packages.
  Promise.all([import('node:module'), import('node:os'), import('node:path')])
    .then(([{ enableCompileCache }, { homedir }, { join }]) => {
      if (process.env.NODE_COMPILE_CACHE === undefined)
        enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'kubesim', 'compiled'));
    })
    .then(() => import('../dist/cli.js'))
    .catch((error) => {
      if (error.code !== 'ERR_MODULE_NOT_FOUND' || !String(error.url).endsWith('/dist/cli.js')) throw error;
      process.stderr.write('sim: not built yet: run `npm run setup` first.\n');
      process.exitCode = 3;
    });
}
