// Which alerts prove which expectation. An alert that may be of two attacks, or of two runs, proves neither: ambiguity is said, not guessed.
import { ExpressionError } from '../language/cel.ts';
import { evaluateCel } from '../language/expression.ts';
import type { NormalisedAlert, Severity } from '../ports/alerts.ts';
import type { AlertExpectation } from '../steps/step.ts';
import { normaliseAlertName } from './alert-name.ts';
import type { AlertEntry, Catalogue } from './catalogue.ts';
import { correlate, type Rung, type RunIdentity } from './correlate.ts';
import type { AlertJudge, AttackTime, Evidence, Expected, NearMiss, RunFacts, Sighting, Watcher, Weighed } from './evidence.ts';
import { executionsSeen } from './executions.ts';
import { explainMiss } from './explain-miss.ts';
import { matchesEntry } from './match.ts';
import { type Occurrence, occurrencesOf } from './occurrence.ts';
import { isWithin, outOfTime } from './timing.ts';
import { knownAt, notWatched, type ToldAlert, type WatchedSource } from './watched.ts';

const SEVERITIES: readonly Severity[] = ['informational', 'low', 'medium', 'high', 'critical'];

/** An expectation, its evidence so far, and what the catalogue has for it. */
interface Case extends Expected {
  entry: AlertEntry | undefined;
  window: number;
  sightings: Sighting[];
  near: NearMiss[];
}

/** `rungOf` remembers what it found for as long as run and alert live: neither is changed in place. */
export function judgeBy(catalogue: Catalogue): AlertJudge {
  const found = new WeakMap<RunIdentity, WeakMap<NormalisedAlert, Rung | 'none'>>();
  const rungOf = (alert: NormalisedAlert, run: RunIdentity): Rung | undefined => {
    const ofRun = found.get(run) ?? new WeakMap();
    found.set(run, ofRun);
    const rung = ofRun.get(alert) ?? correlate(alert, run) ?? 'none';
    ofRun.set(alert, rung);
    return rung === 'none' ? undefined : rung;
  };
  return {
    rungOf,
    weigh(facts) {
      const cases = facts.expected.map((each): Case => {
        const entry = catalogue.get(each.expectation.alert);
        const windows = facts.sources.filter((source) => isAsked(each, entry, source)).map(({ window }) => window);
        return { ...each, entry, window: each.expectation.within ?? Math.max(0, ...windows), sightings: [], near: [] };
      });
      const unexpected = facts.sources.flatMap((source) =>
        [...Map.groupBy(source.alerts, ({ alert }) => alert.id).values()].flatMap((states) =>
          weighAlert(states, source, cases, facts, rungOf),
        ),
      );
      return { evidence: cases.map((each) => evidenceOf(each, facts)), unexpected };
    },
    explain(index, { expected, sources }, { evidence, unexpected }, facts) {
      const [each, weighed] = [expected[index], evidence[index]];
      const entry = catalogue.get(each?.expectation.alert ?? '');
      if (each?.attack === undefined || weighed === undefined || entry === undefined) return [];
      const asked = sources.filter((source) => isAsked(each, entry, source));
      const products = new Map(asked.map(({ name, product }) => [name, product]));
      return explainMiss({ expectation: each.expectation, attack: each.attack, entry, evidence: weighed, unexpected, products, facts });
    },
  };
}

/** Whether the source may prove this expectation. */
function isAsked({ expectation }: Expected, entry: AlertEntry | undefined, { name, product }: WatchedSource): boolean {
  if (expectation.source !== undefined && expectation.source !== name) return false;
  return entry !== undefined && Object.hasOwn(entry.products, product);
}

type RungOf = AlertJudge['rungOf'];

/** Gives each occurrence of one alert to the cases that it may prove; returns the alert where it is surely this run's and nothing expects it. */
function weighAlert(
  states: readonly ToldAlert[],
  source: WatchedSource,
  cases: readonly Case[],
  facts: RunFacts,
  rungOf: RungOf,
): Weighed['unexpected'] {
  const newest = states.findLast(({ baseline }) => !baseline)?.alert;
  if (newest === undefined) return [];
  const asked = cases.filter(
    (each) => each.attack !== undefined && isAsked(each, each.entry, source) && states.some(({ alert }) => isBehaviour(each, alert)),
  );
  const occurrences = occurrencesOf(states, source.clock);
  for (const occurrence of occurrences) {
    const rung = rungFor(occurrence, facts, rungOf);
    const fitting = asked.filter((each) => {
      const why = whyNot(each, occurrence, source, rung);
      if (why !== undefined) note(each, { source: source.name, alert: occurrence.alert, why });
      return why === undefined;
    });
    if (rung !== undefined) share(fitting, occurrence, source, rung, facts, rungOf);
  }
  const rung = rungOf(newest, facts.identity);
  if (rung === undefined || rung === 'cluster') return [];
  if (occurrences.length === 0) for (const each of asked) note(each, { source: source.name, alert: newest, why: 'not new' });
  return occurrences.length > 0 && asked.length === 0 ? [{ source: source.name, rung, alert: newest }] : [];
}

/** Where nothing but the place ties the alert to the run, its time must be known, and be that of an attack. */
function rungFor({ alert, activity, slack }: Occurrence, { identity }: RunFacts, rungOf: RungOf): Rung | undefined {
  const rung = rungOf(alert, identity);
  return rung === 'cluster' && (activity === undefined || !Number.isFinite(slack)) ? undefined : rung;
}

const isBehaviour = ({ entry }: Case, alert: NormalisedAlert): boolean => entry !== undefined && matchesEntry(entry, alert);

/** A hostile or talkative source must not fill the memory. */
const MOST_NEAR = 50;

function note({ near }: Case, miss: NearMiss): void {
  if (near.length < MOST_NEAR && !near.some(({ alert, why }) => alert.id === miss.alert.id && why === miss.why)) near.push(miss);
}

/** Why an occurrence of the behaviour does not prove the case; undefined where it may. */
function whyNot(
  { attack, expectation, window }: Case,
  occurrence: Occurrence,
  source: WatchedSource,
  rung: Rung | undefined,
): NearMiss['why'] | undefined {
  const { alert } = occurrence;
  const when = attack === undefined ? 'too early' : outOfTime(occurrence, attack, window, source);
  if (rung === undefined) return when === undefined ? 'not of this run' : when;
  if (when !== undefined) return when;
  if (rung === 'cluster' && attack !== undefined && !isWithin(occurrence, attack)) return 'not of this run';
  if (isTooWeak(expectation, alert)) return 'too weak';
  return fulfils(expectation, alert) ? undefined : 'condition';
}

function isTooWeak({ severity }: AlertExpectation, alert: NormalisedAlert): boolean {
  return severity !== undefined && SEVERITIES.indexOf(alert.severity ?? 'informational') < SEVERITIES.indexOf(severity as Severity);
}

function fulfils({ where }: AlertExpectation, alert: NormalisedAlert): boolean {
  if (where === undefined) return true;
  try {
    return evaluateCel(where, { alert }) === true;
  } catch (error) {
    // An alert without a field that the condition reads does not fulfil it.
    if (error instanceof ExpressionError) return false;
    throw error;
  }
}

/** Adds the sighting to each case that it may be of: those in whose attack's time it happened, where there are any, else all. */
function share(fitting: readonly Case[], occurrence: Occurrence, source: WatchedSource, rung: Rung, facts: RunFacts, rungOf: RungOf): void {
  const own = fitting.filter(({ attack }) => attack !== undefined && isWithin(occurrence, attack));
  const open = own.length > 0 ? own : fitting;
  const runs = otherRunsOf(occurrence, rung, facts, rungOf);
  for (const each of open) {
    const attack = each.attack as AttackTime;
    const rivals = open.map((other) => other.attack as AttackTime);
    // A product that tells its times tells, too, whether something else was being attacked just then.
    const meanwhile = own.length > 0 ? [] : facts.attacks.filter((other) => isWithin(occurrence, other));
    const others = [...rivals, ...meanwhile].filter((other) => !isSameAttack(other, attack)).map(({ name }) => `"${name}"`);
    const shared = open
      .filter((other) => other !== each && isSameAttack(other.attack as AttackTime, attack))
      .map(({ expectation }) => expectation.alert);
    each.sightings.push({
      source: source.name,
      rung,
      occurrence,
      doubts: [...new Set([...others, ...runs])],
      shared: [...new Set(shared)],
    });
  }
}

/** Other runs that the alert may be of; of what names this run itself there are none. */
function otherRunsOf({ alert, activity, slack }: Occurrence, rung: Rung, { others }: RunFacts, rungOf: RungOf): string[] {
  if (!['pod', 'container', 'cluster'].includes(rung)) return [];
  return others
    .filter((other) => {
      if (rungOf(alert, other.identity) === undefined) return false;
      if (rung !== 'cluster' || activity === undefined) return true;
      return activity.to + slack >= other.from && activity.from - slack <= (other.to ?? Number.POSITIVE_INFINITY);
    })
    .map((other) => `the run ${other.identity.id}`);
}

/** A step and one inside the file that it uses are one attack. */
function isSameAttack(a: AttackTime, b: AttackTime): boolean {
  return a.key === b.key || a.key.startsWith(`${b.key}/`) || b.key.startsWith(`${a.key}/`);
}

function evidenceOf(each: Case, facts: RunFacts): Evidence {
  const { expectation, attack, entry, window, sightings, near } = each;
  const proven = sightings.filter(({ doubts }) => doubts.length === 0);
  const count = (some: readonly Sighting[]): number => countOf(each, some);
  const asked = facts.sources.filter((source) => isAsked(each, entry, source));
  const blocked = proven.find(({ occurrence: { alert } }) => namesBlock(entry, alert));
  const mayBeBlocked = attack !== undefined && asked.some(({ product }) => entry?.products[product]?.blocks !== undefined);
  return {
    window,
    seen: count(proven),
    possible: count(sightings),
    wanted: expectation.required?.times ?? expectation.count ?? 1,
    sightings,
    near,
    watchers: asked.map((source) => watcherOf(source, each)),
    mayBeBlocked,
    ...(blocked === undefined ? {} : { blockedBy: `${blocked.source} ("${blocked.occurrence.alert.name}")` }),
  };
}

const needsOf = (entry: AlertEntry | undefined, { product }: WatchedSource) => entry?.products[product]?.needs ?? entry?.needs ?? [];

function watcherOf(source: WatchedSource, { entry, attack, window }: Case): Watcher {
  const lacks = needsOf(entry, source).filter((need) => !source.capabilities.includes(need));
  if (attack === undefined) return { name: source.name, lacks, isDone: true };
  const deadline = attack.to + window;
  const unwatched = notWatched(source, attack.from, deadline);
  const isDone = source.endedAt !== undefined || Number.isFinite(knownAt(source, deadline));
  return { name: source.name, lacks, isDone, ...(unwatched === undefined ? {} : { unwatched }) };
}

/** Of whichever source has most: one alert that comes by two ways is no two alerts. */
function countOf({ expectation, attack, window }: Case, sightings: readonly Sighting[]): number {
  const bySource = [...Map.groupBy(sightings, ({ source }) => source).values()];
  if (expectation.required !== undefined)
    return Math.max(0, ...bySource.map((some) => executionsSeen(attack?.executions ?? [], some, window)));
  return Math.max(0, ...bySource.map(occurrencesIn));
}

function occurrencesIn(sightings: readonly Sighting[]): number {
  const alerts = Map.groupBy(sightings, ({ occurrence }) => occurrence.alert.id).values();
  return [...alerts].reduce((sum, some) => {
    const number = some.reduce((all, { occurrence }) => all + occurrence.number, 0);
    return sum + Math.min(number, some[0]?.occurrence.most ?? 0);
  }, 0);
}

/** Whether the product says by this alert that it stopped what it saw. */
function namesBlock(entry: AlertEntry | undefined, alert: NormalisedAlert): boolean {
  const name = normaliseAlertName(alert.name);
  return (entry?.products[alert.product]?.blocks ?? []).some((block) => normaliseAlertName(block) === name);
}
