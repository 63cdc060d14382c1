// Does an alert come from this run, and how is that known?
import type { NormalisedAlert } from '../ports/alerts.ts';

/** What was found in the alert, surest first. */
export type Rung = 'command line' | 'namespace' | 'run id' | 'pod' | 'container';

/** What only this run has. */
export interface RunIdentity {
  id: string;
  namespace: string;
  /** UIDs of the run's pods: their names repeat from run to run. */
  podUids: readonly string[];
  /** Ids of the run's containers, without the runtime's prefix. */
  containerIds: readonly string[];
}

const shortContainerId = 12;

/** The surest thing that ties the alert to the run; undefined where nothing does. */
export function correlate(alert: Pick<NormalisedAlert, 'entities' | 'raw'>, run: RunIdentity): Rung | undefined {
  const { entities } = alert;
  const texts = [...textsOf(alert.raw)];
  const hasWord = (word: string, where: readonly string[]): boolean => word !== '' && where.some((text) => containsWord(text, word));
  if (hasWord(run.id, entities.commandLines)) return 'command line';
  if (entities.namespace === run.namespace) return 'namespace';
  if (hasWord(run.id, texts)) return 'run id';
  if (run.podUids.some((uid) => hasWord(uid, texts))) return 'pod';
  const containers = run.containerIds.flatMap((id) => [id, id.slice(0, shortContainerId)]).filter((id) => id.length >= shortContainerId);
  if (containers.some((id) => hasWord(id, entities.container === undefined ? texts : [entities.container, ...texts]))) return 'container';
  return undefined;
}

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
