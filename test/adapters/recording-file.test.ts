// A recording: all that was written, in its order, in a file that nobody else reads and that replaces none.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createRecording } from '../../src/adapters/recording-file.ts';

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kubesim-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'run.jsonl');
}

test('holds every line in the order in which they came', async () => {
  const file = newFile();
  const recording = await createRecording(file);
  const lines = Array.from({ length: 1000 }, (_, index) => `${index} ${'x'.repeat(500)}\n`);
  for (const [index, line] of lines.entries()) {
    recording.write(line);
    if (index % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await recording.close();
  expect(readFileSync(file, 'utf8')).toBe(lines.join(''));
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('never replaces a file, and says where none can be', async () => {
  const file = newFile();
  writeFileSync(file, 'mine');
  await expect(createRecording(file)).rejects.toMatchObject({ code: 'configuration', message: expect.stringContaining('exists already') });
  expect(readFileSync(file, 'utf8')).toBe('mine');
  await expect(createRecording(join(file, 'below'))).rejects.toMatchObject({ code: 'configuration' });
});

test('that is not whole says so in the end', async () => {
  const recording = await createRecording(newFile());
  // The file's handle takes no text of this kind.
  recording.write(Symbol('broken') as unknown as string);
  await expect(recording.close()).rejects.toMatchObject({ code: 'storage', message: expect.stringContaining('is not whole') });
});
