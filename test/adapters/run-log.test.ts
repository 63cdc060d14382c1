// Files kept beside a run's log.
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fileRunLogs } from '../../src/adapters/run-log.ts';

async function openLog() {
  const state = mkdtempSync(join(tmpdir(), 'kubesim-test-'));
  onTestFinished(() => rmSync(state, { recursive: true }));
  const logs = fileRunLogs(state);
  const log = await logs.create('k3x9');
  onTestFinished(() => log.close());
  return { log, logs, folder: join(state, 'runs', 'k3x9') };
}

test('stand in the folder of the run, for its owner alone, and are no runs', async () => {
  const { log, logs, folder } = await openLog();
  const path = await log.attach('pods.json', '{}\n');
  expect(path).toBe(join(folder, 'evidence', 'pods.json'));
  expect(readFileSync(path, 'utf8')).toBe('{}\n');
  expect([statSync(path).mode & 0o777, statSync(join(folder, 'evidence')).mode & 0o777]).toEqual([0o600, 0o700]);
  expect(await logs.list()).toEqual(['k3x9']);
});

test('are never written over', async () => {
  const { log } = await openLog();
  const path = await log.attach('a.log', 'first');
  expect(await log.attach('a.log', 'second')).toBe(path);
  expect(readFileSync(path, 'utf8')).toBe('first');
});

test.each(['../events.jsonl', 'a/b', '.hidden', '', 'x'.repeat(300)])('no name leads elsewhere: "%s"', async (name) => {
  const { log } = await openLog();
  await expect(log.attach(name, 'x')).rejects.toMatchObject({ code: 'storage' });
});
