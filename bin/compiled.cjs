// Loads the built program together with its compiled code, which is kept from earlier runs. Node's own cache does not have the functions that are
// compiled when they are first called; to compile those is a third of what `sim lint` takes for one file.
const { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { basename, dirname, join } = require('node:path');
const { Script } = require('node:vm');

/** After so many runs in a row that added nothing to a file's code it is left as it is. At most 9. */
const LEARNING = 6;
/** What counts as something: sizes differ a little from run to run. */
const GROWTH = 1.02;
/** Builds and versions of Node whose code is kept. */
const MOST_KEPT = 4;

/**
 * Runs a CommonJS file of the build, and those beside it that it requires. `cache` is a folder that only this user writes to, or undefined for
 * none. Whatever is wrong with it, the program only starts more slowly. Returns the file's exports.
 */
exports.load = (entry, cache) => {
  const folder = dirname(entry);
  const kept = cache === undefined ? undefined : foreignOr(join(cache, `${readBuildId(folder)}-${process.version}-${process.arch}`));
  const runs = kept === undefined ? new Map() : runsIn(kept);
  const outside = createRequire(entry);
  const modules = new Map();
  const scripts = [];

  const requireFrom = (name) => {
    if (!name.startsWith('./')) return outside(name);
    const known = modules.get(name);
    if (known !== undefined) return known.exports;
    const filename = join(folder, name);
    const file = basename(name);
    const learned = runs.get(file) ?? 0;
    const cachedData = learned === 0 ? undefined : orUndefined(() => readFileSync(join(kept, `${file}-${learned}`)));
    const script = new Script(`(function (exports, require, module, __filename, __dirname) {${readFileSync(filename, 'utf8')}\n})`, {
      filename,
      cachedData,
    });
    const had = cachedData === undefined || script.cachedDataRejected ? 0 : cachedData.length;
    if (had === 0 || learned < LEARNING) scripts.push({ file, learned, script, had });
    const module = { exports: {}, require: requireFrom };
    modules.set(name, module);
    script.runInThisContext()(module.exports, requireFrom, module, filename, folder);
    return module.exports;
  };

  if (kept !== undefined) process.on('exit', () => scripts.length > 0 && orUndefined(() => keep(kept, scripts)));
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

/** How many runs in a row have added nothing to each file's code, the first one included: it stands behind the name. */
const runsIn = (folder) => new Map((orUndefined(() => readdirSync(folder)) ?? []).map((name) => [name.slice(0, -2), Number(name.at(-1))]));

function keep(folder, scripts) {
  if (mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined) removeOldest(dirname(folder));
  for (const { file, learned, script, had } of scripts) {
    const before = join(folder, `${file}-${learned}`);
    const data = script.createCachedData();
    if (data.length > had * GROWTH) {
      const temporary = join(folder, `.${file}.${process.pid}`);
      writeFileSync(temporary, data, { mode: 0o600 });
      if (learned > 0) rmSync(before, { force: true });
      renameSync(temporary, join(folder, `${file}-1`));
    } else renameSync(before, join(folder, `${file}-${learned + 1}`));
  }
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
