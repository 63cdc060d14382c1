// From what somebody typed - files, folders, globs - to the files to check.
import { posix } from 'node:path';
import { globProblem, isGlob, matchesGlob } from '../language/glob.ts';
import type { Checkout } from '../ports/checkout.ts';
import { UsageError } from './usage-error.ts';

/** A file to check. One that was `named` is a playbook whatever is in it; any other only where it says so. */
export interface Target {
  file: string;
  named: boolean;
}

const SKIPPED = new Set(['node_modules', '.git']);

/** The files in the order of the paths, each once. `missing`: paths where nothing is. Throws UsageError for a glob that is none. */
export async function findTargets(paths: readonly string[], checkout: Checkout): Promise<{ targets: Target[]; missing: string[] }> {
  const targets = new Map<string, Target>();
  const missing: string[] = [];
  const add = (file: string, named: boolean) => {
    if (named || !targets.has(file)) targets.set(file, { file, named });
  };
  for (const typed of paths) {
    const path = posix.normalize(typed);
    const { kind } = await checkout.look(path, { root: await checkout.rootOf(path), limit: 0 });
    if (kind === 'folder') for await (const file of walk(path, checkout)) add(file, false);
    else if (kind !== 'absent') add(path, true);
    else if (!(isGlob(path) && (await expand(path, checkout, (file) => add(file, false))))) missing.push(typed);
  }
  return { targets: [...targets.values()], missing };
}

/** Adds what the glob matches; whether there was anything. */
async function expand(glob: string, checkout: Checkout, add: (file: string) => void): Promise<boolean> {
  const problem = globProblem(glob);
  if (problem !== undefined) throw new UsageError(`\`${glob}\` ${problem}`);
  let any = false;
  for await (const file of walk(fixedPart(glob), checkout)) {
    if (!matchesGlob(glob, file)) continue;
    add(file);
    any = true;
  }
  return any;
}

/** All YAML files in a folder and those below. Links to folders are not followed. */
async function* walk(folder: string, checkout: Checkout): AsyncGenerator<string> {
  for (const { name, kind } of await checkout.entries(folder)) {
    const path = folder === '.' ? name : posix.join(folder, name);
    if (kind === 'folder') {
      if (!SKIPPED.has(name)) yield* walk(path, checkout);
    } else if (/\.ya?ml$/.test(name)) yield path;
  }
}

/** The folders of a glob before its first sign. */
function fixedPart(glob: string): string {
  const parts = glob.split('/');
  const fixed = parts.slice(
    0,
    parts.findIndex((part) => isGlob(part)),
  );
  return fixed.length === 0 ? '.' : fixed.join('/') || '/';
}
