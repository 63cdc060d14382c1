// Loads the built program together with its compiled code, which is kept from earlier runs. Node's own cache does not have the functions that are
// compiled when they are first called; to compile those is a third of what `sim lint` takes for one file.
const { appendFileSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { basename, dirname, join } = require('node:path');
const { Script } = require('node:vm');

/** So many runs add what they compiled; after that only files that were never loaded before are kept. */
const LEARNING = 4;
/** Builds and versions of Node whose code is kept. */
const MOST_KEPT = 4;

/**
 * Runs a CommonJS file of the build, and those beside it that it requires. `cache` is a folder that only this user writes to, or undefined for
 * none. Whatever is wrong with it, the program only starts more slowly. Returns the file's exports.
 */
exports.load = (entry, cache) => {
  const folder = dirname(entry);
  const kept = cache === undefined ? undefined : foreignOr(join(cache, `${readBuildId(folder)}-${process.version}-${process.arch}`));
  const outside = createRequire(entry);
  const modules = new Map();
  const scripts = [];

  const requireFrom = (name) => {
    if (!name.startsWith('./')) return outside(name);
    const known = modules.get(name);
    if (known !== undefined) return known.exports;
    const filename = join(folder, name);
    const cachedData = kept === undefined ? undefined : orUndefined(() => readFileSync(join(kept, basename(name))));
    const script = new Script(`(function (exports, require, module, __filename, __dirname) {${readFileSync(filename, 'utf8')}\n})`, {
      filename,
      cachedData,
    });
    const had = cachedData === undefined || script.cachedDataRejected ? 0 : cachedData.length;
    scripts.push({ name: basename(name), script, had });
    const module = { exports: {}, require: requireFrom };
    modules.set(name, module);
    script.runInThisContext()(module.exports, requireFrom, module, filename, folder);
    return module.exports;
  };

  if (kept !== undefined) process.on('exit', () => orUndefined(() => keep(kept, scripts)));
  return requireFrom(`./${basename(entry)}`);
};

/** Compiled code is code: what another user could have written is not run. */
function foreignOr(folder) {
  const found = orUndefined(() => statSync(folder));
  const isForeign = found !== undefined && process.geteuid !== undefined && (found.uid !== process.geteuid() || (found.mode & 0o022) !== 0);
  return isForeign ? undefined : folder;
}

/** By its content, which V8 does not look at. */
const readBuildId = (folder) => orUndefined(() => readFileSync(join(folder, 'build-id'), 'utf8').trim()) ?? 'none';

function keep(folder, scripts) {
  const runs = orUndefined(() => statSync(join(folder, 'runs')).size) ?? 0;
  const learning = runs < LEARNING;
  const wanted = scripts.filter(({ had }) => learning || had === 0);
  if (wanted.length === 0) return;
  if (mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined) removeOldest(dirname(folder));
  for (const { name, script, had } of wanted) {
    const data = script.createCachedData();
    // Code that was not used for long is dropped from memory: less than there was is no gain.
    if (data.length <= had) continue;
    const temporary = join(folder, `${name}.${process.pid}`);
    writeFileSync(temporary, data, { mode: 0o600 });
    renameSync(temporary, join(folder, name));
  }
  if (learning) appendFileSync(join(folder, 'runs'), '.');
}

function removeOldest(cache) {
  const folders = readdirSync(cache).map((name) => ({ path: join(cache, name), changed: statSync(join(cache, name)).mtimeMs }));
  for (const { path } of folders.sort((a, b) => b.changed - a.changed).slice(MOST_KEPT)) rmSync(path, { recursive: true, force: true });
}

function orUndefined(work) {
  try {
    return work();
  } catch {
    return undefined;
  }
}
