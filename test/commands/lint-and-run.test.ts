// Lint and run judge a playbook alike: what lints without an error loads in a run, and what a run refuses lint refuses with the same words.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { localCheckout } from '../../src/adapters/checkout.ts';
import { localFiles } from '../../src/adapters/files.ts';
import type { AlertEntry } from '../../src/alerts/catalogue.ts';
import { lintCommand } from '../../src/commands/lint.ts';
import { readPlaybooks } from '../../src/commands/playbook-source.ts';
import { UsageError } from '../../src/commands/usage-error.ts';
import { playbookOf, stepTypes } from '../fakes/step-types.ts';

const alerts = ['network-scanning-tool', 'web-shell-activity'];
const entry = (id: string): [string, AlertEntry] => [id, { id, title: id, description: id, attack: [], needs: ['process'], products: {} }];

/** What lint prints, and the severities in it. */
async function lint(folder: string, file: string): Promise<string> {
  let output = '';
  const command = lintCommand({
    folder,
    checkout: localCheckout(folder),
    files: localFiles(),
    git: { changedSince: async () => [] },
    steps: stepTypes,
    catalogue: async () => alerts,
    readStdin: async () => new Uint8Array(),
    stdout: (text) => {
      output += text;
    },
    stderr: () => undefined,
    colour: false,
    version: '1.2.3',
    setExitCode: () => undefined,
  });
  await command.parseAsync([file], { from: 'user' });
  return output;
}

/** What a run says of it; undefined where it loads. */
async function run(folder: string, file: string): Promise<string | undefined> {
  const files = { ...localFiles(), exists: async () => true };
  try {
    const reading = {
      files,
      checkout: localCheckout(folder),
      folder,
      steps: stepTypes,
      catalogue: new Map(alerts.map(entry)),
      colour: false,
    };
    const [playbook] = await readPlaybooks({ names: [file], all: false }, reading);
    expect(playbook?.file).toBe(file);
    return undefined;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    expect(error.message).toBe(`${file} is not a valid playbook`);
    return error.findings;
  }
}

async function expectAlike(folder: string, file: string): Promise<void> {
  const told = await lint(folder, file);
  const refused = /^\S.*: error: /m.test(told);
  expect(await run(folder, file)).toBe(refused ? told : undefined);
}

const fixtures = fileURLToPath(new URL('../lint/', import.meta.url));
describe.each(['ok', 'err'])('test/lint/%s', (kind) => {
  const folder = join(fixtures, kind);
  test.each(readdirSync(folder).filter((name) => name.endsWith('.yaml')))('%s', async (name) => await expectAlike(folder, name));
});

describe('files that are hard to read', () => {
  let folder: string;
  const good = playbookOf('  - install: {chart: x}\n');
  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'alike-')));
    mkdirSync(join(folder, '.git'));
    symlinkSync('/etc/passwd', join(folder, 'link.yaml'));
    execFileSync('mkfifo', [join(folder, 'pipe.yaml')]);
    const files = {
      'large.yaml': good + '#'.repeat(1024 * 1024),
      'bytes.yaml': Buffer.from(`${good}# \xe9`, 'latin1'),
      'empty.yaml': '',
      'sample.yaml': good,
      'disabled/other.yaml': good.replace('metadata', '# sim-lint-disable-next-line name-not-filename -- so be it\nmetadata'),
      'raised/other.yaml': good,
      'raised/.sim-lint.yaml': 'rules: {name-not-filename: error}\n',
      'lowered/other.yaml': playbookOf('  - install: {chart: x}\n    id: a\n  - install: {chart: x}\n    id: a\n'),
      'lowered/.sim-lint.yaml': 'rules: {duplicate-id: info}\n',
    };
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each([
    'link.yaml',
    'pipe.yaml',
    'large.yaml',
    'bytes.yaml',
    'empty.yaml',
    'sample.yaml',
    'disabled/other.yaml',
    'raised/other.yaml',
    'lowered/other.yaml',
  ])('%s', async (name) => await expectAlike(folder, name));
});
