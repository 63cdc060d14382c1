// Programs out of Debian's packages, unpacked beside the caches of the lab and never installed: some would start as services.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, getuid, platform } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { labWorld } from '../../src/commands/lab-world.ts';
import { labFolders } from '../../src/lab/folders.ts';
import { borrowPackages, missingPackages } from '../../src/lab/native/packages.ts';
import { runStages } from '../../src/lab/stages.ts';
import { Failure } from '../../src/ports/failure.ts';

const never = new AbortController().signal;

/** Why packages cannot be had here; undefined where they can. */
async function obstacle(): Promise<string | undefined> {
  if (platform !== 'linux') return 'Debian packages run on Linux';
  if (getuid?.() !== 0) return 'this is not root, who alone may mount what the packages expect in /usr/share';
  try {
    await missingPackages(labWorld(env), ['apt']);
    return undefined;
  } catch (error) {
    if (error instanceof Failure && error.code === 'configuration') return error.message;
    throw error;
  }
}

const reason = await obstacle();

/** A suite that needs programs of Debian; without apt or root it is skipped by name, except in CI. */
export function describeWithPackages(name: string, suite: () => void): void {
  if (reason === undefined) describe(name, suite);
  else if (env.CI) test(`${name}: needs Debian packages`, () => expect.fail(reason));
  else describe.skip(`${name} (skipped: ${reason})`, () => test('needs Debian packages', () => {}));
}

/** Fetches the packages where they are not here yet; gives the folder that holds their files. */
export async function borrowed(...names: string[]): Promise<string> {
  const world = labWorld(env);
  const folder = join(labFolders(env).cache, 'products', names.join('+'));
  const stage = {
    name: 'Packages',
    after: [],
    run: (context: Parameters<typeof borrowPackages>[2]) => borrowPackages(world, folder, context, names),
  };
  await runStages([stage], world, () => {}, never);
  return folder;
}

const started: ChildProcess[] = [];
const folders: string[] = [];
afterAll(async () => {
  for (const child of started) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kubesim-products-'));
  folders.push(folder);
  return folder;
}

/**
 * Starts a program of the packages until the tests of the file are over. It sees the packages' /usr/share over that of the machine, in a mount
 * namespace of its own.
 */
export function startBorrowed(packages: string, program: string, args: readonly string[], folder: string): { log(): string } {
  const file = join(folder, `${program}.log`);
  const output = openSync(file, 'a');
  const mount = `mount -t overlay overlay -o "lowerdir=$1/usr/share:/usr/share" /usr/share && shift && exec "$@"`;
  const command = ['--mount', 'sh', '-c', mount, 'sh', packages, join(packages, 'usr/bin', program), ...args];
  started.push(spawn('unshare', command, { stdio: ['ignore', output, output], cwd: folder }));
  return { log: () => readFileSync(file, 'utf8') };
}

/** A port of this machine that was free just now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

/** Asks until something answers with success; says what the program's log says where nothing ever does. */
export async function answering(url: string, log: () => string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await pause(100);
  }
  throw new Error(`nothing answers at ${url}:\n${log()}`);
}
