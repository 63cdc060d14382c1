// What a security team is told of a run: who attacks what, how to know the run's traces, and until when alerts of it may come.

export interface Announcement {
  version: 1;
  event: 'run-starting' | 'run-finished';
  /** The whole in a sentence, where chat systems expect it. */
  text: string;
  run: { id: string; namespace: string; marker: string };
  playbook: { name: string; title: string; attack: string[] };
  cluster: { context: string; server: string };
  /** Who runs it, e.g. "alice@workstation". */
  operator: string;
  /** RFC 3339. Alerts of the run concern this time; `to` is an estimate until it has finished. */
  window: { from: string; to: string };
  /** Of a run that has finished: how many expected alerts have each outcome. */
  outcomes?: Record<string, number>;
}

export interface Announced {
  run: Announcement['run'];
  playbook: Announcement['playbook'];
  cluster: Announcement['cluster'];
  operator: string;
  /** Milliseconds since the Unix epoch. */
  from: number;
  to: number;
}

/** The announcement before a run; with `outcomes`, the one after it. */
export function announcementOf({ run, playbook, cluster, operator, from, to }: Announced, outcomes?: readonly string[]): Announcement {
  const window = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  const head = `attack simulation "${playbook.title}" (run ${run.id}, namespace ${run.namespace}) on ${cluster.context} by ${operator}`;
  const facts = { version: 1 as const, run, playbook, cluster, operator, window };
  if (outcomes === undefined) return { ...facts, event: 'run-starting', text: `Starting: ${head}, until about ${window.to}` };
  const counted = countOf(outcomes);
  const told = Object.entries(counted).map(([outcome, count]) => `${count} ${outcome}`);
  return { ...facts, event: 'run-finished', text: `Finished: ${head}: ${told.join(', ') || 'no alert was expected'}`, outcomes: counted };
}

function countOf(outcomes: readonly string[]): Record<string, number> {
  const counted: Record<string, number> = {};
  for (const outcome of outcomes) counted[outcome] = (counted[outcome] ?? 0) + 1;
  return counted;
}

/** Who runs it, and until when alerts of it may come, milliseconds since the Unix epoch. */
export interface Notice {
  operator: string;
  until: number;
}

/** Annotations of the run's namespace, for whoever finds it. Kubernetes takes any text as their value. */
export const noticeAnnotations = ({ operator, until }: Notice): Record<string, string> => ({
  'kubesim.io/purpose': 'attack simulation: alerts about this namespace are expected',
  'kubesim.io/operator': operator,
  'kubesim.io/expected-until': new Date(until).toISOString(),
});
