// Makes node_modules what package-lock.json says, where it is not so yet. Runs before everything else, on whatever Node the machine
// has, so it needs no package. Node 24 comes with the packages: npm scripts find it first on their PATH from then on.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

if (!isInstalled()) {
  process.stderr.write('setup: installing the packages of package-lock.json (npm ci)\n');
  // The options: nothing is left out because the environment says so, and no word on packages that do not suit this old Node.
  const options = ['--include=dev', '--include=optional', '--loglevel=error'];
  const { status, error } = spawnSync('npm', ['ci', ...options], { stdio: 'inherit' });
  if (error) process.stderr.write(`setup: npm cannot be run: ${error.message}\n`);
  if (status !== 0) process.exit(status ?? 1);
}

/** npm notes what it installed in a lockfile of its own; packages for other platforms are missing there. */
function isInstalled() {
  const wanted = packagesOf('package-lock.json');
  const present = packagesOf('node_modules/.package-lock.json');
  if (!present) return false;
  for (const [path, { version, integrity, optional }] of Object.entries(wanted)) {
    const found = present[path];
    if (path === '' || (!found && optional)) continue;
    if (found?.version !== version || found?.integrity !== integrity) return false;
  }
  return Object.keys(present).every((path) => wanted[path]);
}

function packagesOf(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : undefined;
}
