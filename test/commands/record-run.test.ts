// What `sim run --record` refuses, and what it writes.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { sourceTypes } from '../../src/adapters/alert-sources/index.ts';
import type { ConfiguredSource } from '../../src/commands/configuration.ts';
import { recorderTo, refuseRecording } from '../../src/commands/record-run.ts';
import { recordingReader } from '../../src/detector/recording.ts';
import type { Observation } from '../../src/ports/observations.ts';
import { sim } from './session.ts';

const TOKEN = 'f00dfeed'.repeat(4);
const runs = [{ run: { id: 'k3x9', namespace: 'sim-k3x9', marker: 'sim-k3x9', token: TOKEN, playbook: 'x' }, secrets: ['hunter2hunter2'] }];
const configured = (name: string): ConfiguredSource => ({
  type: sourceTypes.find(({ type }) => type === name) as ConfiguredSource['type'],
  settings: { name },
});
const observation: Observation & { kind: 'process' } = {
  kind: 'process',
  time: 1_700_000_000_000.25,
  drift: false,
  where: { node: 'n', namespace: 'sim-k3x9', pod: 'victim', podUid: 'u', container: 'web', containerId: 'c' },
  process: { pid: 1, executable: '/usr/bin/curl', arguments: ['curl', '-H', `X-Sim-Token: ${TOKEN}`, 'hunter2hunter2'] },
  ancestors: [],
};

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kubesim-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'run.jsonl');
}

test('a recording is read back as what was observed, without the secrets of the run', async () => {
  const file = newFile();
  const recorder = recorderTo(file, [configured('falco'), configured('sensor')], runs);
  recorder?.observed({ ...observation, time: 1 });
  await recorder?.begin();
  recorder?.observed(observation);
  await recorder?.end();
  const [header, ...observed] = readFileSync(file, 'utf8').trimEnd().split('\n').map(recordingReader());
  const process = { ...observation.process, arguments: ['curl', '-H', 'X-Sim-Token: ***', '***'] };
  expect(header).toBeUndefined();
  expect(observed).toEqual([{ ...observation, process }]);
});

test('nothing is recorded without a sensor, of several runs, or over a file', async () => {
  expect(() => recorderTo('x', [configured('falco')], runs)).toThrow('none is read');
  expect(recorderTo(undefined, [], runs)).toBeUndefined();
  const file = newFile();
  await refuseRecording(file, 1);
  await expect(refuseRecording(file, 2)).rejects.toThrow('name one playbook');
  writeFileSync(file, 'mine');
  await expect(refuseRecording(file, 1)).rejects.toThrow('exists already');
});

test('both is said before a cluster is looked for', async () => {
  const file = newFile();
  const args = ['run', '--yes', '--kubeconfig', '/does/not/exist', '--record', file];
  expect(await sim([...args, 'web-shell', 'crypto-mining'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('name one playbook'),
  });
  writeFileSync(file, 'mine');
  expect(await sim([...args, 'web-shell'])).toMatchObject({ code: 2, stderr: expect.stringContaining('exists already') });
});
