import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { processRunner } from '../../src/adapters/process.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubesim-process-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const { run, start, isAlive, kill } = processRunner();

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('run', () => {
  test('gives exit code and both streams, unchanged', async () => {
    expect(await run(['sh', '-c', 'echo out; echo err >&2; exit 3'])).toEqual({ exitCode: 3, stdout: 'out\n', stderr: 'err\n' });
  });

  test('has no shell, gives input, folder and environment', async () => {
    expect((await run(['printf', '%s', '$HOME; `id`'])).stdout).toBe('$HOME; `id`');
    expect((await run(['cat'], { input: 'héllo' })).stdout).toBe('héllo');
    expect((await run(['cat'])).stdout).toBe('');
    expect((await run(['sh', '-c', 'pwd; echo $SIM_X $PATH'], { cwd: folder, env: { SIM_X: 'set' } })).stdout).toBe(
      `${folder}\nset ${process.env.PATH}\n`,
    );
  });

  test('an environment that is given whole is all that the program has', async () => {
    vi.stubEnv('SIM_LEAK', 'secret');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect((await run(['/usr/bin/env'], { env: { SIM_X: 'more' } })).stdout).toContain('SIM_LEAK=secret');
    expect((await run(['/usr/bin/env'], { environment: { SIM_ONLY: 'this' } })).stdout).toBe('SIM_ONLY=this\n');
    expect((await run(['/usr/bin/env'], { environment: {} })).stdout).toBe('');
  });

  test('tells each line of both streams once, the last one without newline too', async () => {
    const lines: string[] = [];
    await run(['sh', '-c', 'printf "a\\nb"; sleep 0.05; printf "c\\r\\nd"; printf "e\\n" >&2'], { onLine: (line) => lines.push(line) });
    expect(lines.sort()).toEqual(['a', 'bc', 'd', 'e']);
  });

  test('a death by signal counts as in a shell', async () => {
    expect((await run(['sh', '-c', 'kill -KILL $$'])).exitCode).toBe(137);
  });

  test('a program that is not there', async () => {
    await expect(run(['no-such-program-at-all'])).rejects.toMatchObject({
      code: 'command-not-found',
      message: '"no-such-program-at-all" cannot be started: there is no such program',
    });
  });

  test('ends with all it has started, on timeout and on interrupt', async () => {
    const started = (name: string) => join(folder, name);
    const script = (name: string) => `sleep 60 & echo $! > ${started(name)}; wait`;
    await expect(run(['sh', '-c', script('timeout')], { timeout: 300 })).rejects.toMatchObject({ code: 'timeout' });
    const stop = new AbortController();
    const running = run(['sh', '-c', script('interrupt')], { signal: stop.signal });
    setTimeout(() => stop.abort(new Error('Ctrl-C')), 300);
    await expect(running).rejects.toMatchObject({ code: 'interrupted' });
    await expect(run(['true'], { signal: stop.signal })).rejects.toMatchObject({ code: 'interrupted' });
    for (const name of ['timeout', 'interrupt']) {
      const child = Number(readFileSync(started(name), 'utf8'));
      await until(() => !isAlive(child));
    }
  });
});

describe('start', () => {
  test('appends both streams to the log; lives until killed', async () => {
    const log = join(folder, 'logs', 'server.log');
    for (const word of ['one', 'two']) {
      const pid = await start(['sh', '-c', 'echo $WORD; echo err >&2; exec sleep 60'], { log, env: { WORD: word } });
      expect(isAlive(pid)).toBe(true);
      await until(() => readFileSync(log, 'utf8').includes(`${word}\nerr\n`));
      kill(pid);
      await until(() => !isAlive(pid));
      kill(pid);
    }
    expect(readFileSync(log, 'utf8')).toBe('one\nerr\ntwo\nerr\n');
  });

  test('a program that is not there', async () => {
    await expect(start(['no-such-program-at-all'], { log: join(folder, 'x.log') })).rejects.toMatchObject({ code: 'command-not-found' });
  });

  test('a log that cannot be written', async () => {
    await expect(start(['true'], { log: '/dev/null/x.log' })).rejects.toMatchObject({ code: 'storage' });
  });
});
