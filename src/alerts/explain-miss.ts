// Why an expected alert may not have come: reasons from facts, the likeliest first. Pure; what must be looked up is handed in.
import { parseDuration } from '../language/duration.ts';
import type { Severity } from '../ports/alerts.ts';
import type { MissFacts, SensorState } from '../ports/miss-facts.ts';
import type { AlertExpectation } from '../steps/step.ts';
import { normaliseAlertName } from './alert-name.ts';
import type { AlertEntry, ProductAlert } from './catalogue.ts';
import type { AttackTime, Evidence, NearMiss, Weighed } from './evidence.ts';

export interface Miss {
  expectation: AlertExpectation;
  entry: AlertEntry;
  attack: AttackTime;
  evidence: Evidence;
  /** Alerts of the run that nothing expects: this one may be among them under another name. */
  unexpected: Weighed['unexpected'];
  /** Product of each source that was asked, by the source's name. */
  products: ReadonlyMap<string, string>;
  facts: MissFacts;
}

/** Of the words of two names so many must be the same for one to be a spelling of the other. */
const ALIKE = 0.5;
const MOST_REASONS = 8;

/**
 * Sentences, ranked: what was seen and did not count, then what is wrong with who should have seen it, then what the settings make impossible, then
 * what the product asks for and nobody can check.
 */
export function explainMiss(miss: Miss): string[] {
  const reasons = [...seenInstead(miss), ...sensors(miss), ...checks(miss), ...window(miss), ...rules(miss), ...preconditions(miss)];
  return [...new Set(reasons)].slice(0, MOST_REASONS);
}

function seenInstead({ expectation, entry, attack, evidence, unexpected, products }: Miss): string[] {
  const near = evidence.near
    .toSorted((a, b) => RANK.indexOf(a.why) - RANK.indexOf(b.why))
    .map((each) => nearReason(each, expectation, attack, evidence));
  const spelled = unexpected.flatMap(({ source, alert }) => {
    const product = entry.products[products.get(source) ?? ''];
    if (product === undefined) return [];
    const known = namesOf(product).find((name) => likeness(name, alert.name) >= ALIKE);
    if (known !== undefined)
      return [`${source} raised "${alert.name}", perhaps another spelling of "${known}": then it belongs into alerts/${entry.id}.yaml`];
    const guess = product.types?.find(({ id }) => id === alert.type);
    if (guess === undefined) return [];
    return [`${source} raised "${alert.name}" of the type ${guess.id}, which alerts/${entry.id}.yaml only guesses`];
  });
  const others = unexpected.filter(({ source }) => products.has(source)).map(({ alert }) => `"${alert.name}"`);
  const rest =
    spelled.length > 0 || others.length === 0 ? [] : [`of this run there came only other alerts: ${[...new Set(others)].join(', ')}`];
  return [...near, ...spelled, ...rest];
}

/** What was seen, from the nearest to the farthest. */
const RANK: readonly NearMiss['why'][] = ['too weak', 'condition', 'too late', 'not of this run', 'not new', 'too early'];

function nearReason(
  { source, alert, why }: NearMiss,
  { severity, where }: AlertExpectation,
  attack: AttackTime,
  { window }: Evidence,
): string {
  const name = `${source} raised "${alert.name}"`;
  switch (why) {
    case 'too weak':
      return `${name}, but with the severity ${alert.severity ?? ('informational' satisfies Severity)} where ${severity} is expected`;
    case 'condition':
      return `${name}, but it does not fulfil \`${where}\``;
    case 'too late':
      return `${name}, but ${seconds(alert.times.seen - attack.to - window)} after the window; a longer \`within\` would have counted it`;
    case 'too early':
      return `${name}, but before the attack`;
    case 'not new':
      return `${name} before the attack already, and nothing of it has changed since: the product may fold the attack into it`;
    case 'not of this run': {
      const { namespace, pod, cluster } = alert.entities;
      const place = [pod && `the pod ${pod}`, namespace && `the namespace ${namespace}`, cluster && `the cluster ${cluster}`].filter(
        Boolean,
      );
      return `${name} in the same time, but for ${place.length === 0 ? 'nothing that ties it to this run' : place.join(' in ')}`;
    }
  }
}

const seconds = (milliseconds: number): string => `${Math.max(0, Math.round(milliseconds / 100) / 10)} s`;

function sensors({ attack, facts }: Miss): string[] {
  const reason = ({ source, node, state, startedAt, restarts = 0, warmUp = 0 }: SensorState): string[] => {
    if (state !== 'ready') return [`the sensor of ${source} is ${state} on the node ${node}, where the attack ran`];
    if (startedAt === undefined || startedAt + warmUp <= attack.from) return [];
    if (startedAt > attack.from)
      return [`the sensor of ${source} on the node ${node} started again after the attack had begun (${restarts} restarts)`];
    return [
      `the sensor of ${source} on the node ${node} had run for ${seconds(attack.from - startedAt)} only when the attack began, and may raise nothing in its first ${seconds(warmUp)}`,
    ];
  };
  return facts.sensors.flatMap(reason);
}

const checks = ({ facts }: Miss): string[] =>
  facts.checks
    .filter(({ check }) => check.result !== 'ok')
    .toSorted((a, b) => Number(b.check.result === 'failed') - Number(a.check.result === 'failed'))
    .map(({ source, check }) => `${source}, ${check.title}: ${check.message}${check.hint === undefined ? '' : ` (${check.hint})`}`);

function window({ entry, evidence, products }: Miss): string[] {
  return [...products].flatMap(([source, key]) => {
    const product = entry.products[key];
    const longest = product?.longest === undefined ? undefined : parseDuration(product.longest);
    if (longest === undefined || longest <= evidence.window) return [];
    return [`the window of ${seconds(evidence.window)} is short for ${source}: its alert may take ${product?.delay ?? product?.longest}`];
  });
}

function rules({ entry, products }: Miss): string[] {
  return [...products].flatMap(([source, key]) => {
    const known = entry.products[key]?.rules ?? [];
    const loaded = known.some(({ maturity }) => maturity === undefined || maturity === 'stable');
    if (known.length === 0 || loaded) return [];
    return [`${source} loads its rule "${known[0]?.name}" (${known[0]?.maturity}) only where somebody switched it on`];
  });
}

const preconditions = ({ entry, products }: Miss): string[] =>
  [...products].flatMap(([source, key]) =>
    (entry.products[key]?.preconditions ?? []).map((condition) => `${source} needs, which was not checked: ${condition}`),
  );

const namesOf = ({ names = [], rules: known = [] }: ProductAlert): string[] => [...names, ...known.map(({ name }) => name)];

/** How many of the words of both names are in both: 1 for the same words in any order. */
function likeness(a: string, b: string): number {
  const [left, right] = [wordsOf(a), wordsOf(b)];
  const both = [...left].filter((word) => right.has(word)).length;
  return both / Math.max(1, left.size + right.size - both);
}

const wordsOf = (name: string): Set<string> =>
  new Set(
    normaliseAlertName(name)
      .split(/[^\p{L}\p{N}]+/u)
      .filter(Boolean),
  );
