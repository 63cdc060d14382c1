// A lock file between processes: made in one step, and taken over where its holder has died.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pid as ownPid, platform } from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../ports/failure.ts';
import { isAlive, statOf } from './process.ts';

const POLL = 100;
/** A take-over is a matter of microseconds: one this old, in milliseconds, was cut short by a crash. */
const ABANDONED = 3000;

interface Holder {
  pid: number;
  /** When that process started: the number alone may belong to a later process. */
  started: string;
  /** Tells one holding from the next. */
  nonce: string;
}

/** Takes the lock file, waiting while a living process holds it. Throws Failure interrupted. */
export async function takeLock(
  path: string,
  { signal, onWait }: { signal?: AbortSignal; onWait?: (holder: number) => void },
): Promise<{ release(): Promise<void> }> {
  const own: Holder = { pid: ownPid, started: startOf(ownPid) ?? '', nonce: randomBytes(8).toString('hex') };
  const draft = `${path}.${own.nonce}`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(draft, `${JSON.stringify(own)}\n`, { mode: 0o600 });
  try {
    for (let told = false; ; ) {
      if (signal?.aborted) throw new Failure('interrupted', `interrupted while waiting for "${path}"`, { cause: signal.reason });
      // A hard link appears whole or not at all.
      if (await linked(draft, path)) return { release: () => release(path, own) };
      const holder = await readHolder(path);
      if (holder === 'gone') continue;
      if (holder === undefined || !lives(holder)) {
        await removeStale(path, holder?.nonce ?? 'damaged');
        continue;
      }
      if (!told) onWait?.(holder.pid);
      told = true;
      await delay(POLL, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    }
  } finally {
    await rm(draft, { force: true });
  }
}

async function release(path: string, own: Holder): Promise<void> {
  const holder = await readHolder(path);
  if (typeof holder === 'object' && holder.nonce === own.nonce) await rm(path, { force: true });
}

/** Removes the dead holder's file, and never the file of one who came after it: of all who try, one gets the claim on this very holding. */
async function removeStale(path: string, nonce: string): Promise<void> {
  const claim = `${path}.stale-${nonce}`;
  if (!(await linked(path, claim).catch((error: NodeJS.ErrnoException) => ignoreMissing(error)))) {
    const age = await stat(claim).then(
      ({ ctimeMs }) => Date.now() - ctimeMs,
      () => 0,
    );
    if (age > ABANDONED) await rm(claim, { force: true });
    await delay(POLL);
    return;
  }
  const claimed = await readHolder(claim);
  const same = claimed !== 'gone' && (claimed?.nonce ?? 'damaged') === nonce;
  if (same) await rm(path, { force: true });
  await rm(claim, { force: true });
}

async function linked(from: string, to: string): Promise<boolean> {
  return await link(from, to).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false;
      throw error;
    },
  );
}

function ignoreMissing(error: NodeJS.ErrnoException): false {
  if (error.code === 'ENOENT') return false;
  throw error;
}

async function readHolder(path: string): Promise<Holder | 'gone' | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'gone';
    throw error;
  }
  try {
    const { pid, started, nonce } = JSON.parse(text) as Partial<Holder>;
    return Number.isInteger(pid) && typeof nonce === 'string' && /^[0-9a-f]+$/.test(nonce)
      ? { pid: pid as number, started: started ?? '', nonce }
      : undefined;
  } catch {
    return undefined;
  }
}

function lives({ pid, started }: Holder): boolean {
  if (!isAlive(pid)) return false;
  const now = startOf(pid);
  return started === '' || now === undefined || now === started;
}

/** When a process started, as a text that no other process of its number will have. */
function startOf(pid: number): string | undefined {
  try {
    if (platform === 'linux') {
      const ticks = statOf(pid)?.[19];
      return ticks === undefined ? undefined : `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${ticks}`;
    }
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}
