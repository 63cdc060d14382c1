// When packages are installed and when not: scripts/setup.mjs on small checkouts, with an npm that only notes that it was called.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { env, execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const script = fileURLToPath(new URL('../../scripts/setup.mjs', import.meta.url));

const a = { version: '1.0.0', integrity: 'sha512-a' };
const otherPlatform = { version: '1.0.0', integrity: 'sha512-b', optional: true };
const locked = { '': { version: '0.1.0' }, 'node_modules/a': a, 'node_modules/b': otherPlatform };

/** Runs the script where `present` is what npm noted as installed. */
function setUp(present?: object, npmStatus = 0): { status: number | null; calls: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'setup-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'scripts'));
  copyFileSync(script, join(folder, 'scripts/setup.mjs'));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages: locked }));
  if (present) {
    mkdirSync(join(folder, 'node_modules'));
    writeFileSync(join(folder, 'node_modules/.package-lock.json'), JSON.stringify({ packages: present }));
  }
  writeFileSync(join(folder, 'npm'), `#!/bin/sh\necho "$*" >> "${folder}/calls"\nexit ${npmStatus}\n`);
  chmodSync(join(folder, 'npm'), 0o755);
  const { status } = spawnSync(execPath, [join(folder, 'scripts/setup.mjs')], {
    env: { ...env, PATH: `${folder}${delimiter}${env.PATH}` },
  });
  const calls = join(folder, 'calls');
  return { status, calls: existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : [] };
}

const install = ['ci --include=dev --include=optional --loglevel=error'];

test.each([
  ['nothing is installed', undefined],
  ['a package is missing', {}],
  ['a package has another version', { 'node_modules/a': { ...a, version: '1.0.1' } }],
  ['a package has another content', { 'node_modules/a': { ...a, integrity: 'sha512-x' } }],
  ['an optional package has another version', { 'node_modules/a': a, 'node_modules/b': { ...otherPlatform, version: '2.0.0' } }],
  ['a package is left over', { 'node_modules/a': a, 'node_modules/c': a }],
])('packages are installed where %s', (_, present) => {
  expect(setUp(present)).toEqual({ status: 0, calls: install });
});

test.each([
  ['all is installed', { 'node_modules/a': a, 'node_modules/b': otherPlatform }],
  ['only a package for another platform is missing', { 'node_modules/a': a }],
])('nothing is done where %s', (_, present) => {
  expect(setUp(present)).toEqual({ status: 0, calls: [] });
});

test('what npm says counts', () => {
  expect(setUp(undefined, 7)).toEqual({ status: 7, calls: install });
});
