// git, asked such that nothing which lies in the checkout or its configuration is run, and nothing is fetched.
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readlink, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { cwd } from 'node:process';
import { Failure } from '../ports/failure.ts';
import type { Git } from '../ports/git.ts';
import type { ProcessRunner } from '../ports/process.ts';

const SETTINGS = ['core.fsmonitor=false', 'core.hooksPath=/dev/null', 'core.untrackedCache=false', 'safe.bareRepository=explicit'];

const ENVIRONMENT = {
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_NO_LAZY_FETCH: '1',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_TERMINAL_PROMPT: '0',
  LC_ALL: 'C',
};

const SHALLOW = 'a shallow clone may lack it: fetch the history first (actions/checkout: `fetch-depth: 0`)';

/** Larger files count as changed: nobody waits for their hash. */
const LARGEST_HASHED = 16 * 1024 * 1024;

/**
 * Git is asked for names and hashes of what is committed; files are hashed here. Its own comparison with the working tree may run the filters
 * that a checkout's configuration names.
 */
export function localGit(processes: ProcessRunner, folder: string = cwd()): Git {
  const askIn = (where: string, signal?: AbortSignal) => async (args: readonly string[], failure: (said: string) => Failure) => {
    const { exitCode, stdout, stderr } = await processes.run(
      ['git', '-C', where, ...SETTINGS.flatMap((setting) => ['-c', setting]), ...args],
      { env: ENVIRONMENT, timeout: 60_000, ...(signal === undefined ? {} : { signal }) },
    );
    if (exitCode !== 0) throw failure(stderr.trim().split('\n', 1)[0] ?? '');
    return stdout;
  };
  return {
    async changedSince(base, files, { signal } = {}) {
      const broken = (said: string) => new Failure('configuration', `git cannot tell what changed: ${said}`);
      const root = (await askIn(folder, signal)(['rev-parse', '--show-toplevel'], broken)).replace(/\n$/, '');
      const ask = askIn(root, signal);
      const commit = await ask(
        ['rev-parse', '--verify', '--quiet', '--end-of-options', `${base}^{commit}`],
        () => new Failure('invalid', `git knows no commit \`${base}\` here`, { hint: SHALLOW }),
      );
      const left = await ask(
        ['merge-base', '--', commit.trim(), 'HEAD'],
        () => new Failure('invalid', `\`${base}\` and this checkout have no commit in common`, { hint: SHALLOW }),
      );
      const committed = hashesOf(await ask(['ls-tree', '-r', '-z', '--full-tree', left.trim()], broken));
      const ignored = await ask(['ls-files', '--others', '--ignored', '--exclude-standard', '--directory', '-z', '--'], broken);
      const isIgnored = ignoredBy(ignored);
      const changed: string[] = [];
      for (const file of files) {
        const name = relative(root, join(await realpath(dirname(file)), basename(file)))
          .split(sep)
          .join('/');
        const hash = committed.get(name);
        if (hash === undefined ? !isIgnored(name) : (await hashOf(file, hash.length === 64 ? 'sha256' : 'sha1')) !== hash)
          changed.push(file);
      }
      return changed;
    },
  };
}

/** From `<mode> <type> <hash>\t<name>`, each ended by NUL. */
const hashesOf = (tree: string): Map<string, string> =>
  new Map(
    tree.split('\0').map((line) => {
      const tab = line.indexOf('\t');
      return [line.slice(tab + 1), line.slice(0, tab).split(' ')[2] ?? ''];
    }),
  );

/** Names that end with `/` stand for all in that folder. */
function ignoredBy(list: string): (name: string) => boolean {
  const names = new Set(list.split('\0'));
  return (name) => names.has(name) || name.split('/').some((_, index, parts) => names.has(`${parts.slice(0, index).join('/')}/`));
}

/** The hash that git gives a file's content as it is, or a link's target; undefined for what it would not keep. */
async function hashOf(file: string, algorithm: 'sha1' | 'sha256'): Promise<string | undefined> {
  const found = await lstat(file);
  const begin = (length: number): Hash => createHash(algorithm).update(`blob ${length}\0`);
  if (found.isSymbolicLink()) {
    const target = Buffer.from(await readlink(file));
    return begin(target.length).update(target).digest('hex');
  }
  if (!found.isFile() || found.size > LARGEST_HASHED) return undefined;
  const hash = begin(found.size);
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
