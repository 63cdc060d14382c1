// Telling the security team of a run, before it and after it.
import { hostname, userInfo } from 'node:os';
import { postAnnouncement } from '../adapters/announcements.ts';
import { type Announced, announcementOf } from '../engine/announcement.ts';
import type { Plan } from '../engine/plan.ts';
import type { Playbook } from '../language/playbook.ts';
import { allSteps, techniquesOf } from '../language/step-tree.ts';
import type { AlertSource } from '../ports/alerts.ts';
import type { Cluster } from '../ports/cluster.ts';
import type { RunFacts } from '../steps/step.ts';

/** "alice@workstation"; SIM_OPERATOR says it better where a job of a pipeline runs it. */
export function operatorName(env: Readonly<Record<string, string | undefined>>): string {
  if (env.SIM_OPERATOR) return env.SIM_OPERATOR;
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // A user without an entry in the system's list.
    return `unknown@${hostname()}`;
  }
}

/** Until when alerts of a run that starts now may come at the latest, milliseconds since the Unix epoch. */
export function expectedUntil(
  playbook: Playbook,
  { expectations }: Pick<Plan, 'expectations'>,
  sources: readonly AlertSource[],
  now: number,
): number {
  const windows = [...sources.map(({ window }) => window), ...expectations.flatMap(({ within }) => within ?? [])];
  return now + playbook.timeout + Math.max(0, ...windows);
}

/** Tells the address of a run before it begins; returns how to tell it of the end. Throws Failure where nobody was told. */
export async function announceRun(
  address: string,
  announced: Announced,
  signal: AbortSignal,
): Promise<(outcomes: readonly string[], to: number) => Promise<void>> {
  await postAnnouncement(address, announcementOf(announced), signal);
  // The end is told where the run was interrupted, too.
  return (outcomes, to) => postAnnouncement(address, announcementOf({ ...announced, to }, outcomes), new AbortController().signal);
}

export const announcedOf = (
  playbook: Playbook,
  { id, namespace, marker }: RunFacts,
  { context, server }: Pick<Cluster, 'context' | 'server'>,
  { operator, from, to }: { operator: string; from: number; to: number },
): Announced => ({
  run: { id, namespace, marker },
  playbook: {
    name: playbook.metadata.name,
    title: playbook.metadata.title,
    attack: [...new Set(allSteps(playbook).flatMap(techniquesOf))],
  },
  cluster: { context, server },
  operator,
  from,
  to,
});
