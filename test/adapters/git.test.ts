// The real git, on checkouts that want to run something.
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { localGit } from '../../src/adapters/git.ts';
import { processRunner } from '../../src/adapters/process.ts';

let folder: string;
const git = (...args: string[]) =>
  execFileSync('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { encoding: 'utf8' });
const put = (name: string, text: string) => {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), text);
};
const commit = () => {
  git('add', '-A');
  git('commit', '-q', '-m', 'x');
};
/** Which of all YAML files there changed, as paths from the top. */
const changed = async (base: string, at = folder) => {
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
  const files = await localGit(processRunner(), at).changedSince(
    base,
    all.map((name) => join(folder, name)),
  );
  return files.map((file) => relative(folder, file)).sort();
};

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'git-')));
  git('init', '-q', '-b', 'main');
  put('kept.yaml', 'a');
  put('in/edited.yaml', 'a');
  put('gone.yaml', 'a');
  put('moved.yaml', 'a long enough text to be found again\n');
  put('.gitignore', 'ignored.yaml\nbuild/\n');
  commit();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('what differs from where the branch began: committed, staged, edited, new; not what is gone, ignored, or only new on the base', async () => {
  git('checkout', '-q', '-b', 'topic');
  put('committed ü.yaml', 'b');
  git('mv', 'moved.yaml', 'in/moved.yaml');
  git('rm', '-q', 'gone.yaml');
  commit();
  git('checkout', '-q', 'main');
  put('on-main.yaml', 'c');
  commit();
  git('checkout', '-q', 'topic');
  put('staged.yaml', 'd');
  git('add', 'staged.yaml');
  put('in/edited.yaml', 'longer');
  put('untracked\nline.yaml', 'e');
  put('ignored.yaml', 'f');
  put('build/out.yaml', 'f');
  const expected = ['committed ü.yaml', 'in/edited.yaml', 'in/moved.yaml', 'staged.yaml', 'untracked\nline.yaml'];
  expect(await changed('main')).toEqual(expected);
  expect(await changed('main', join(folder, 'in'))).toEqual(expected);
});

test('what is no base', async () => {
  await expect(changed('nonsense')).rejects.toMatchObject({
    code: 'invalid',
    message: 'git knows no commit `nonsense` here',
    details: { hint: expect.stringContaining('fetch-depth') },
  });
  await expect(changed('--output=/tmp/x')).rejects.toMatchObject({
    code: 'invalid',
    message: 'git knows no commit `--output=/tmp/x` here',
  });
  git('checkout', '-q', '--orphan', 'alone');
  put('kept.yaml', 'b');
  commit();
  await expect(changed('main')).rejects.toMatchObject({ code: 'invalid', message: '`main` and this checkout have no commit in common' });
});

test('no checkout at all', async () => {
  rmSync(join(folder, '.git'), { recursive: true });
  await expect(changed('main')).rejects.toMatchObject({ code: 'configuration', message: expect.stringContaining('not a git repository') });
});

test('nothing that the checkout or its configuration names is run', async () => {
  const proof = join(folder, '.git', 'proof');
  const script = join(folder, 'evil.sh');
  writeFileSync(script, `#!/bin/sh\necho "$0 $*" >> ${proof}\ncat 2>/dev/null\n`);
  chmodSync(script, 0o755);
  put('.gitattributes', '*.yaml filter=evil diff=evil merge=evil\n');
  commit();
  for (const hook of ['post-index-change', 'fsmonitor-watchman', 'post-checkout', 'reference-transaction']) {
    writeFileSync(join(folder, '.git/hooks', hook), `#!/bin/sh\necho hook >> ${proof}\n`);
    chmodSync(join(folder, '.git/hooks', hook), 0o755);
  }
  appendFileSync(
    join(folder, '.git/config'),
    `[core]\n\tfsmonitor = ${script}\n\tpager = ${script}\n\tsshCommand = ${script}\n\tgitProxy = ${script}\n\taskPass = ${script}\n\teditor = ${script}\n` +
      `[diff]\n\texternal = ${script}\n[diff "evil"]\n\tcommand = ${script}\n\ttextconv = ${script}\n` +
      `[filter "evil"]\n\tclean = ${script}\n\tsmudge = ${script}\n\tprocess = ${script}\n\trequired = true\n` +
      `[alias]\n\tdiff-index = !${script}\n\tls-files = !${script}\n\trev-parse = !${script}\n` +
      `[credential]\n\thelper = !${script}\n[remote "origin"]\n\turl = ext::${script}\n\tuploadpack = ${script}\n\tpromisor = true\n\tpartialclonefilter = blob:none\n` +
      `[extensions]\n\tpartialClone = origin\n`,
  );
  put('in/edited.yaml', 'other');
  // The proof that it can fail: a plain `git status` runs some of it.
  spawnSync('git', ['-C', folder, 'status']);
  expect(existsSync(proof)).toBe(true);
  rmSync(proof);

  put('in/edited.yaml', 'once more');
  expect(await changed('HEAD')).toEqual(['in/edited.yaml']);
  await expect(changed('0123456789012345678901234567890123456789')).rejects.toMatchObject({ code: 'invalid' });
  expect(existsSync(proof)).toBe(false);
});
