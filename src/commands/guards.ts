// What must not happen by accident: attacks on the wrong cluster, with a high risk, or on pods that others need. Each needs a word of its own.
import type { Plan } from '../engine/plan.ts';
import { allowTarget, forbiddenTargets } from '../engine/targets.ts';
import type { Playbook } from '../language/playbook.ts';
import type { Cluster } from '../ports/cluster.ts';
import { Failure } from '../ports/failure.ts';
import { UsageError } from './usage-error.ts';

/** On the namespace kube-system: no run without --allow-protected. */
const PROTECTED_ANNOTATION = 'kubesim.io/protected';

const PRODUCTION = /(?:^|(?<!\bnon)[^a-z])(?:prod|prd|production|live)(?:$|[^a-z])/i;

export const looksLikeProduction = (name: string): boolean => PRODUCTION.test(name);

export interface Guarded {
  /** What tells this cluster from all others: the UID of kube-system, else the server's address. */
  identity: string;
  /** Reasons not to run here. */
  reasons: string[];
  /** Why it is not known whether the cluster says that it is protected. */
  doubt?: string;
}

/** Reads the namespace kube-system; where that is forbidden, only names can warn. */
export async function guardsOf(cluster: Cluster, signal: AbortSignal): Promise<Guarded> {
  const system = await cluster.get({ apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' }, signal).catch((error: unknown) => {
    if (error instanceof Failure && error.code === 'forbidden') return undefined;
    throw error;
  });
  const mark = system?.metadata.annotations?.[PROTECTED_ANNOTATION];
  const reasons = [
    ...(mark !== undefined && mark !== 'false' ? [`kube-system carries the annotation ${PROTECTED_ANNOTATION}: ${mark}`] : []),
    ...[cluster.context, cluster.server].filter(looksLikeProduction).map((name) => `"${name}" looks like production`),
  ];
  const doubt = 'kube-system may not be read, so whether this cluster is marked as protected is not known';
  return { identity: system?.metadata.uid ?? cluster.server, reasons, ...(system === undefined ? { doubt } : {}) };
}

const ALLOW_RISK = '--allow-risk high';

/** Options of `sim run` that let a playbook do more. */
interface Allowances {
  allowRisk?: 'high';
  allowTarget?: readonly string[];
}

/** Throws UsageError where a playbook has a risk that was not allowed. */
export function refuseRisk(playbooks: readonly Playbook[], { allowRisk }: Allowances): void {
  const risky = playbooks.filter(({ metadata }) => metadata.risk === 'high').map(({ metadata }) => metadata.name);
  if (risky.length === 0 || allowRisk !== undefined) return;
  throw new UsageError(
    `${risky.join(', ')}: \`risk: high\` means that it may reach into nodes or create objects outside of its namespace, and was not allowed`,
    { hint: `where that is meant, add ${ALLOW_RISK}` },
  );
}

/** Throws UsageError where a playbook attacks pods that exist already in a namespace that was not named. */
export function refuseTargets(
  prepared: readonly { playbook: Playbook; plan: Plan; run: { namespace: string } }[],
  { allowTarget: allowed = [] }: Allowances,
): void {
  const refused = prepared.flatMap(({ playbook, plan, run }) =>
    forbiddenTargets(plan.targets, { own: run.namespace, allowed }).map((namespace) => ({ name: playbook.metadata.name, namespace })),
  );
  if (refused.length === 0) return;
  const options = [...new Set(refused.map(({ namespace }) => allowTarget(namespace)))];
  throw new UsageError(
    refused.map(({ name, namespace }) => `${name} attacks pods of the namespace ${namespace} that exist already`).join('; '),
    { hint: `where that is meant, add ${options.join(' ')}` },
  );
}

/** The allowances that a playbook makes use of, as the log records them. */
export const usedAllowances = ({ metadata }: Playbook, { targets }: Pick<Plan, 'targets'>): string[] => [
  ...(metadata.risk === 'high' ? [ALLOW_RISK] : []),
  ...targets.map(allowTarget),
];
