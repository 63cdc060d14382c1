// Where labs keep their things: a state folder that `down` empties, and a cache that only `purge` does.
import { createHash } from 'node:crypto';
import { isAbsolute, normalize } from 'node:path';
import { Failure } from '../ports/failure.ts';

export interface LabFolders {
  /** Names the lab's cgroup, kind cluster and the like; another state folder is another lab. */
  name: string;
  state: string;
  cache: string;
}

const DEFAULT_STATE = '/var/lib/kubesim/lab';
const DEFAULT_CACHE = '/var/cache/kubesim/lab';
/** Inside the native lab other things are mounted here. */
const TAKEN = ['/run', '/var/run', '/var/log', '/var/lib/kubelet', '/var/lib/cni', '/proc', '/sys', '/dev'];

/** SIM_LAB_STATE and SIM_LAB_CACHE, else the usual places. Throws Failure configuration. */
export function labFolders(env: Readonly<Record<string, string | undefined>>): LabFolders {
  const state = folder(env, 'SIM_LAB_STATE', DEFAULT_STATE);
  const cache = folder(env, 'SIM_LAB_CACHE', DEFAULT_CACHE);
  if (`${cache}/`.startsWith(`${state}/`)) throw unusable('SIM_LAB_CACHE', cache, `it lies inside the state folder ${state}`);
  const suffix = state === DEFAULT_STATE ? '' : `-${createHash('sha256').update(state).digest('hex').slice(0, 6)}`;
  return { name: `kubesim-lab${suffix}`, state, cache };
}

function folder(env: Readonly<Record<string, string | undefined>>, variable: string, otherwise: string): string {
  const path = normalize(env[variable] || otherwise).replace(/\/+$/, '');
  if (!isAbsolute(path) || path === '') throw unusable(variable, path, 'it must be an absolute path below the root');
  // The path stands in configuration files of several syntaxes.
  if (!/^[\w./+@-]+$/.test(path)) throw unusable(variable, path, 'it has characters other than letters, digits and . / + @ - _');
  const taken = TAKEN.find((prefix) => `${path}/`.startsWith(`${prefix}/`));
  if (taken !== undefined) throw unusable(variable, path, `the lab mounts something of its own at ${taken}`);
  return path;
}

function unusable(variable: string, path: string, why: string): Failure {
  return new Failure('configuration', `${variable} cannot be "${path}": ${why}`);
}
