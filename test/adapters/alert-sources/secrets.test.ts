import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readSecret } from '../../../src/adapters/alert-sources/secrets.ts';

const folder = mkdtempSync(join(tmpdir(), 'sim-secrets-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('out of the environment, and out of a file without its line end', async () => {
  expect(await readSecret({ fromEnv: 'TOKEN' }, { TOKEN: 'abc' })).toBe('abc');
  writeFileSync(join(folder, 'token'), 'def\r\n', { mode: 0o400 });
  expect(await readSecret({ fromFile: join(folder, 'token') }, {})).toBe('def');
});

test.each([
  [{ fromEnv: 'GONE' }, /environment variable GONE, which should hold a secret, is not set/],
  [{ fromEnv: 'EMPTY' }, /is empty/],
  [{ fromEnv: 'LINES' }, /more than one line/],
  [{ fromFile: join(folder, 'gone') }, /cannot be read: ENOENT/],
  [{ fromFile: 'token' }, /must be an absolute path/],
])('%j', async (reference, words) => {
  const error = await readSecret(reference, { EMPTY: '', LINES: 'secret-one\nsecret-two' }).catch((caught: Error) => caught);
  expect(error).toMatchObject({ code: 'configuration', message: expect.stringMatching(words) });
  expect(String(error)).not.toMatch(/secret-one/);
});

test.each([0o640, 0o604, 0o660])('a file of mode %o is refused', async (mode) => {
  const path = join(folder, `mode-${mode}`);
  writeFileSync(path, 'abc');
  chmodSync(path, mode);
  await expect(readSecret({ fromFile: path }, {})).rejects.toMatchObject({ code: 'configuration', details: { hint: `chmod 600 ${path}` } });
});
