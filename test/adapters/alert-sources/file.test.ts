import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { file } from '../../../src/adapters/alert-sources/file.ts';
import { watch } from '../../contract/alert-source.ts';
import { quickClock } from '../../fakes/quick-clock.ts';
import { testWorld } from './world.ts';

function stage(settings: object = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'sim-file-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'events.jsonl');
  const clock = quickClock();
  const source = file.create({ name: 'f', path, ...settings } as Parameters<typeof file.create>[0], testWorld(clock));
  const line = (name: string) => appendFileSync(path, `${JSON.stringify({ name, id: name })}\n`);
  return { path, source, line, open: () => watch(source, clock.now()) };
}

test('what stands there is the baseline, what is appended is news, and half a line waits for its end', async () => {
  const { path, line, open } = stage();
  line('Old');
  const watcher = await open();
  expect((await watcher.alert('Old')).baseline).toBe(true);
  appendFileSync(path, '{"name": "In two');
  await watcher.heartbeat();
  await watcher.heartbeat();
  appendFileSync(path, ' parts \u00e9"}\r\n');
  expect((await watcher.alert('In two parts \u00e9')).baseline).toBeUndefined();
  expect(watcher.events.filter(({ type }) => type === 'gap')).toEqual([]);
  await watcher.stop();
});

test('a file that is not there yet', async () => {
  const { line, open } = stage();
  const watcher = await open();
  await watcher.heartbeat();
  line('First');
  expect((await watcher.alert('First')).baseline).toBeUndefined();
  await watcher.stop();
});

test('rotation loses nothing', async () => {
  const { path, line, open } = stage();
  line('Old');
  const watcher = await open();
  await watcher.heartbeat();
  line('Last of the old file');
  renameSync(path, `${path}.1`);
  line('First of the new file');
  await watcher.alert('Last of the old file');
  await watcher.alert('First of the new file');
  expect(watcher.events.filter(({ type }) => type === 'gap')).toEqual([]);
  await watcher.stop();
});

test('truncation is a gap, and is read on from', async () => {
  const { path, line, open } = stage();
  line('Old one that is somewhat long');
  const watcher = await open();
  await watcher.heartbeat();
  truncateSync(path);
  line('New');
  await watcher.until('gap', (event) => event.type === 'gap' && event.reason === 'the file was truncated');
  await watcher.alert('New');
  await watcher.stop();
});

test('hostile lines are gaps, and what follows them is read', async () => {
  const { path, line, open } = stage();
  writeFileSync(path, '');
  const watcher = await open();
  await watcher.heartbeat();
  for (const hostile of ['nonsense', `${'['.repeat(1000)}`, 'x'.repeat(3 * 1024 * 1024)]) {
    appendFileSync(path, `${hostile}\n`);
    await watcher.until('gap', ({ type }) => type === 'gap');
  }
  appendFileSync(path, 'null\n7\n[]\n{"name": 7}\n{"__proto__": {"name": "no"}}\n');
  line('Fine');
  await watcher.alert('Fine');
  await watcher.stop();
});

test('the format of a product', async () => {
  const { path, open } = stage({ format: 'falco', product: 'falco' });
  appendFileSync(
    path,
    '{"rule":"Run shell untrusted","priority":"Notice","time":"2024-01-02T03:04:05Z","output_fields":{"k8s.ns.name":"sim-1"}}\n',
  );
  const watcher = await open();
  expect(await watcher.alert('Run shell untrusted')).toMatchObject({ product: 'falco', severity: 'low', entities: { namespace: 'sim-1' } });
  await watcher.stop();
});

test('check and settings', async () => {
  const { path, source, line } = stage();
  const { signal } = new AbortController();
  expect(await source.check(signal)).toMatchObject([{ result: 'ok' }]);
  appendFileSync(path, '{"other": 1}\n');
  expect(await source.check(signal)).toMatchObject([{ result: 'warning' }]);
  line('One');
  expect(await source.check(signal)).toMatchObject([{ result: 'ok', message: 'can be read: 1 alerts in its last 2 lines' }]);
  expect(await stage({ path: '/nowhere/at/all' }).source.check(signal)).toMatchObject([{ result: 'failed' }]);
  expect(file.problems?.({ name: 'f', path: 'events.jsonl' } as never)).toMatchObject([{ path: ['path'] }]);
  expect(file.problems?.({ name: 'f', path, format: 'falco', fields: { name: 'item.a' } } as never)).toMatchObject([{ path: ['fields'] }]);
});
