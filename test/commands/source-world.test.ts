import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { sourceWorld } from '../../src/commands/source-world.ts';
import { Failure } from '../../src/ports/failure.ts';
import type { Observation } from '../../src/ports/observations.ts';

const detections = fileURLToPath(new URL('../../detections', import.meta.url));

const { world } = sourceWorld({ env: {}, stderr: () => {} }, async () => {
  throw new Failure('configuration', 'this test has no cluster');
});

const scan: Observation = {
  kind: 'process',
  time: 1000,
  where: { node: 'n', namespace: 'shop', pod: 'web', podUid: 'u', container: 'web', containerId: 'c' },
  process: { pid: 7, executable: '/usr/bin/nmap', arguments: ['nmap', '-Pn', '10.96.0.0/24'] },
  ancestors: [],
  drift: false,
};

const alertsOf = async (rules?: Parameters<typeof world.detector>[1]) =>
  (await world.detector('lab', rules)).evaluate(scan, 1001).map(({ source, name }) => `${source}: ${name}`);

function folderWith(...names: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'kubesim-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of names) cpSync(join(detections, name), join(folder, name));
  return folder;
}

test('the rules that ship judge what a source observes, but for those that it disables', async () => {
  expect(await alertsOf()).toEqual(['lab: Network scanner']);
  expect(await alertsOf({ disabled: ['network-scanner'] })).toEqual([]);
});

test('rules of a folder take their place', async () => {
  expect(await alertsOf({ folder: folderWith('network-scanner.yaml') })).toEqual(['lab: Network scanner']);
  expect(await alertsOf({ folder: folderWith('user-added.yaml') })).toEqual([]);
});

test('a rule that is not there cannot be disabled, and a folder without rules is none', async () => {
  await expect(alertsOf({ disabled: ['network-scaner'] })).rejects.toMatchObject({
    code: 'configuration',
    message: 'there is no detection rule `network-scaner` that could be disabled',
    details: { hint: 'did you mean `network-scanner`?' },
  });
  await expect(alertsOf({ folder: folderWith() })).rejects.toMatchObject({
    code: 'configuration',
    message: expect.stringMatching(/^there is no detection rule in/),
  });
});
