// Does an alert come from this run, and how is that known?
import type { NormalisedAlert } from '../ports/alerts.ts';

/** What was found in the alert, surest first. "cluster" is weak: nothing but the place, and says so wherever it is told. */
export type Rung = 'command line' | 'namespace' | 'run id' | 'pod' | 'container' | 'cluster';

/** What only this run has. */
export interface RunIdentity {
  id: string;
  namespace: string;
  /** Names of pods that a controller made up: no other pod has them. */
  podNames: readonly string[];
  /** UIDs of the run's pods, and of those that it attacked. */
  podUids: readonly string[];
  /** Ids of their containers, without the runtime's prefix. */
  containerIds: readonly string[];
  /** What products call the cluster. */
  clusters: readonly string[];
}

const shortContainerId = 12;
/** The marker of a run, as it stands in command lines and names of namespaces. */
const MARKER = /(?<![a-z0-9])sim-([0-9a-hjkmnp-tv-z]{8})(?![a-z0-9])/;
/** How Kubernetes calls service accounts as users (kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin). */
const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):/;

/** The surest thing that ties the alert to the run; undefined where nothing does. */
export function correlate(alert: Pick<NormalisedAlert, 'entities' | 'raw'>, run: RunIdentity): Rung | undefined {
  const { entities } = alert;
  const texts = [...textsOf(alert.raw)];
  const hasWord = (word: string, where: readonly string[]): boolean => word !== '' && where.some((text) => containsWord(text, word));
  if (hasWord(run.id, entities.commandLines)) return 'command line';
  if (entities.namespace === run.namespace) return 'namespace';
  if (hasWord(run.id, texts)) return 'run id';
  if (entities.pod !== undefined && entities.namespace === undefined && run.podNames.includes(entities.pod)) return 'pod';
  if (run.podUids.some((uid) => hasWord(uid, texts))) return 'pod';
  const ids = run.containerIds.flatMap((id) => [id, id.slice(0, shortContainerId)]).filter((id) => id.length >= shortContainerId);
  const places = [entities.container, entities.containerId].filter((text) => text !== undefined);
  if (ids.some((id) => hasWord(id, [...places, ...texts]))) return 'container';
  return isNobodyElses(alert, texts) && isIn(entities.cluster, run.clusters) ? 'cluster' : undefined;
}

/** True where the alert names no namespace, pod, container or run at all. */
function isNobodyElses({ entities }: Pick<NormalisedAlert, 'entities'>, texts: readonly string[]): boolean {
  const { namespace, pod, container, containerId, user, commandLines } = entities;
  if ([namespace, pod, container, containerId].some((text) => text !== undefined && text !== '')) return false;
  if (user !== undefined && SERVICE_ACCOUNT.test(user)) return false;
  return ![...commandLines, ...texts].some((text) => MARKER.test(text));
}

const isIn = (cluster: string | undefined, names: readonly string[]): boolean =>
  cluster !== undefined && cluster !== '' && names.some((name) => name.toLowerCase() === cluster.toLowerCase());

/** True where `word` stands in `text` and no letter or digit touches it: the id "ab1" is not in "ab12". */
function containsWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (!/[a-z0-9]/iu.test(`${text[at - 1] ?? ''}${text[at + word.length] ?? ''}`)) return true;
  }
  return false;
}

function* textsOf(value: unknown): Generator<string> {
  const pending = [value];
  const seen = new Set<unknown>();
  while (pending.length > 0) {
    const next = pending.pop();
    if (typeof next === 'string') yield next;
    if (typeof next !== 'object' || next === null || seen.has(next)) continue;
    seen.add(next);
    pending.push(...Object.keys(next), ...Object.values(next));
  }
}
