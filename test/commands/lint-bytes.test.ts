// `sim lint` as a process over files of any bytes: findings or none, never a trace of a fault.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { stepTypes } from '../../src/steps/index.ts';

const cli = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
const good = Buffer.from(stepTypes[0]?.example.replace(/\{name: \w+/, '{name: good') ?? '');

/** The example with some bytes put into its title. */
const within = (...bytes: number[]): Buffer => {
  const at = good.indexOf('title: "') + 'title: "'.length;
  return Buffer.concat([good.subarray(0, at), Buffer.from(bytes), good.subarray(at)]);
};

const FILES: Readonly<Record<string, Buffer>> = {
  'empty.yaml': Buffer.alloc(0),
  'zeros.yaml': Buffer.alloc(1000),
  'every-byte.yaml': Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
  'latin-1.yaml': within(0xe9),
  'cut-sequence.yaml': within(0xe2, 0x82),
  'overlong.yaml': within(0xc0, 0xaf),
  'surrogate.yaml': within(0xed, 0xa0, 0x80),
  'beyond-unicode.yaml': within(0xf5, 0x80, 0x80, 0x80),
  'utf-16.yaml': Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(good.toString(), 'utf16le')]),
  'utf-16-without-mark.yaml': Buffer.from(good.toString(), 'utf16le'),
  'gzip.yaml': Buffer.from('1f8b0800000000000003abe40200b0d8a0a403000000', 'hex'),
  'two-marks.yaml': Buffer.concat([Buffer.from('\uFEFF\uFEFF'), good]),
  'escapes.yaml': within(0x1b, 0x5b, 0x33, 0x31, 0x6d),
};

test('files of any bytes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sim-lint-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, bytes] of Object.entries(FILES)) writeFileSync(join(folder, name), bytes);
  for (const format of ['text', 'json']) {
    const { status, stdout, stderr } = spawnSync(execPath, [cli, 'lint', '--output', format, ...Object.keys(FILES)], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(stderr).not.toMatch(/fault of sim|\n\s+at |Error:/);
    expect(stdout).not.toMatch(/\n\s+at .+:\d+:\d+/);
    expect([1, 2]).toContain(status);
    for (const name of ['empty.yaml', 'zeros.yaml', 'every-byte.yaml', 'utf-16.yaml', 'utf-16-without-mark.yaml', 'gzip.yaml'])
      expect(stdout + stderr).toContain(name);
    // A terminal must not obey a file.
    expect(stdout).not.toContain('\u001b[31m');
    if (format === 'json') expect(JSON.parse(stdout)).toHaveProperty('findings');
  }
});
