// Compiled code of the build is kept between runs; whatever is wrong with what is kept, the program runs as without it.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const loader = fileURLToPath(new URL('../../bin/compiled.cjs', import.meta.url));
let folder: string;
let cache: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubesim-compiled-'));
  cache = join(folder, 'cache');
  const files = {
    'build-id': 'one\n',
    // As the build writes them: requires of each other, of modules of Node, and late ones.
    'cli.cjs': `const { twice } = require('./part.cjs'); exports.cli = true;
const late = () => module.require('./late.cjs');
const used = (text) => text.split('').map((letter) => letter.toUpperCase()).join('');
Promise.resolve().then(() => require('node:os')).then(({ EOL }) => console.log(used(process.argv[1]), twice(4), late().name, EOL === '\\n', __filename.endsWith('cli.cjs')));`,
    'part.cjs': `const cli = require('./cli.cjs'); exports.twice = (number) => (cli.cli ? 0 : 2 * number) + require('node:path').sep.length;`,
    'late.cjs': `exports.name = 'late';`,
  };
  mkdirSync(join(folder, 'dist'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'dist', name), text);
});
afterEach(() => rmSync(folder, { recursive: true }));

function run(kept: string | null = cache, more: NodeJS.ProcessEnv = {}) {
  const script = `require(${JSON.stringify(loader)}).load(${JSON.stringify(join(folder, 'dist/cli.cjs'))}, ${kept === null ? undefined : JSON.stringify(kept)})`;
  const { stdout, stderr, status } = spawnSync(execPath, ['-e', script, 'word'], { encoding: 'utf8', env: { ...env, ...more } });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return stdout;
}
const keptIn = (): string => join(cache, readdirSync(cache)[0] ?? '');
const expected = 'WORD 1 late true true\n';

test('the same with and without', () => {
  expect(run(null)).toBe(expected);
  expect(existsSync(cache)).toBe(false);
  expect(run()).toBe(expected);
  expect(readdirSync(keptIn()).sort()).toEqual(['cli.cjs-1', 'late.cjs-1', 'part.cjs-1']);
  expect(run()).toBe(expected);
});

test('a run that calls more adds it; after some that add nothing, all is left as it is', () => {
  const program = join(folder, 'dist/cli.cjs');
  writeFileSync(
    program,
    readFileSync(program, 'utf8').replace('used(process.argv[1])', '(process.env.MORE ? used(process.argv[1]) : "WORD")'),
  );
  const sizes = [{}, {}, { MORE: '1' }].map((more) => {
    expect(run(cache, more)).toBe(expected);
    return statSync(join(keptIn(), readdirSync(keptIn()).find((name) => name.startsWith('cli.cjs')) ?? '')).size;
  });
  expect(sizes[1]).toBe(sizes[0]);
  expect(sizes[2]).toBeGreaterThan(sizes[0] ?? 0);
  for (let count = 0; count < 7; count++) expect(run()).toBe(expected);
  expect(readdirSync(keptIn()).sort()).toEqual(['cli.cjs-6', 'late.cjs-6', 'part.cjs-6']);
  expect(run(cache, { MORE: '1' })).toBe(expected);
});

test('a function that was called is among what is kept', () => {
  const program = join(folder, 'dist/cli.cjs');
  const text = readFileSync(program, 'utf8');
  run();
  const called = statSync(join(keptIn(), 'cli.cjs-1')).size;
  rmSync(cache, { recursive: true });
  writeFileSync(program, text.replace('used(process.argv[1])', "'WORD'      "));
  expect(run()).toBe(expected);
  expect(statSync(join(keptIn(), 'cli.cjs-1')).size).toBeLessThan(called);
});

test('another build does not get the code of this one, though its files be as long', () => {
  run();
  const part = join(folder, 'dist/part.cjs');
  writeFileSync(part, readFileSync(part, 'utf8').replace('2 * number) +', '2 * number) -'));
  writeFileSync(join(folder, 'dist/build-id'), 'two\n');
  expect(run()).toBe(expected.replace(' 1 ', ' -1 '));
  expect(readdirSync(cache)).toHaveLength(2);
});

test('only the last builds are kept', () => {
  for (let build = 0; build < 7; build++) {
    writeFileSync(join(folder, 'dist/build-id'), `${build}\n`);
    run();
  }
  expect(readdirSync(cache).length).toBeLessThan(6);
});

test.each([
  ['garbage', (file: string) => writeFileSync(file, 'garbage')],
  ['half of it', (file: string) => writeFileSync(file, readFileSync(file).subarray(0, 100))],
  ['nothing', (file: string) => writeFileSync(file, '')],
  [
    'a folder',
    (file: string) => {
      rmSync(file);
      mkdirSync(file);
    },
  ],
])('%s where code should be', (_, spoil) => {
  run();
  spoil(join(keptIn(), 'cli.cjs-1'));
  expect(run()).toBe(expected);
  expect(run()).toBe(expected);
});

test('a folder that cannot be made, and one that others may write to', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(run(join(folder, 'file'))).toBe(expected);
  run();
  chmodSync(keptIn(), 0o777);
  const file = join(keptIn(), 'cli.cjs-1');
  rmSync(file);
  expect(run()).toBe(expected);
  expect(existsSync(file)).toBe(false);
});
