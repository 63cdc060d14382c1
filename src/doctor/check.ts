// The contract of a check: one object in one file, listed in index.ts. A check only reads, and says what to do.
import type { AlertSource } from '../ports/alerts.ts';
import type { Charts } from '../ports/charts.ts';
import type { Clock } from '../ports/clock.ts';
import type { ApiResource, Cluster, KubernetesObject } from '../ports/cluster.ts';
import type { Permission } from '../steps/step.ts';

export type CheckStatus = 'ok' | 'warn' | 'fail' | 'unknown';

export interface CheckLine {
  status: CheckStatus;
  message: string;
  /** What to do, one sentence. */
  hint?: string;
}

export interface CheckContext {
  cluster: Cluster;
  charts: Charts;
  clock: Clock;
  /** What the chosen playbooks would create and need; undefined where they could not be planned. */
  plan?: { objects: readonly KubernetesObject[]; permissions: readonly Permission[] };
  resources: readonly ApiResource[];
  /** What a run would read alerts from. */
  sources?: readonly AlertSource[];
  /** The namespace that the playbooks would run in, where it is one that exists. */
  namespace?: string;
  signal: AbortSignal;
}

export interface Check {
  /** Kebab-case, and the name of the file. */
  readonly id: string;
  /** What is looked at, a few words. */
  readonly title: string;
  /** Id of a check before it in the list, without which there is nothing to look at. */
  readonly needs?: string;
  run(context: CheckContext): Promise<CheckLine[]>;
}

/** Numbers of "v1.34.4" and the like; undefined where it is no version. */
export function minorVersion(gitVersion: string): { major: number; minor: number } | undefined {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(gitVersion) ?? [];
  return major === undefined || minor === undefined ? undefined : { major: Number(major), minor: Number(minor) };
}
