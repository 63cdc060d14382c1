// What is judged: the run's attacks and expectations beside what the sources told; and what comes of it: the evidence for each expectation.
import type { Capability, NormalisedAlert } from '../ports/alerts.ts';
import type { MissFacts } from '../ports/miss-facts.ts';
import type { AlertExpectation } from '../steps/step.ts';
import type { Rung, RunIdentity } from './correlate.ts';
import type { Occurrence, Span } from './occurrence.ts';
import type { WatchedSource } from './watched.ts';

/** An attack step that began, and when; milliseconds since the Unix epoch. */
export interface AttackTime extends Span {
  /** Key of the step: of one inside a used file it begins with that of the step that uses it. */
  key: string;
  name: string;
  /** Each time that it took effect, where it is repeated. */
  executions?: readonly Span[];
}

/** An expected alert, with the attack that should raise it; absent where none ran. */
export interface Expected {
  expectation: AlertExpectation;
  attack?: AttackTime;
}

/** Another run on the same cluster, and when its steps ran; without an end it still does. */
export interface OtherRun {
  identity: RunIdentity;
  from: number;
  to?: number;
}

export interface RunFacts {
  identity: RunIdentity;
  others: readonly OtherRun[];
  /** Every attack step that began, expected or not. */
  attacks: readonly AttackTime[];
  expected: readonly Expected[];
  sources: readonly WatchedSource[];
}

/** An occurrence that may be what is expected. */
export interface Sighting {
  source: string;
  rung: Rung;
  occurrence: Occurrence;
  /** Whose it may be instead, each in words; empty where it is provably this attack's. */
  doubts: readonly string[];
  /** What it proves as well: alerts that are expected of the same attack. */
  shared: readonly string[];
}

/** An alert that nearly counted. */
export interface NearMiss {
  source: string;
  alert: NormalisedAlert;
  why: 'not of this run' | 'too weak' | 'condition' | 'too early' | 'too late' | 'not new';
}

/** A source whose product has a name for the behaviour. */
export interface Watcher {
  name: string;
  /** What it would have to see and does not. */
  lacks: readonly Capability[];
  /** Whether nothing more can be learned from it about the window: it has told all of it, or told its last. */
  isDone: boolean;
  /** Why it cannot be said that it watched from the attack's start to the window's end. */
  unwatched?: string;
}

export interface Evidence {
  /** Milliseconds after the attack's end in which the alert may come. */
  window: number;
  /** How many there are provably, of whichever source has most; of a repeated attack how many executions have one of their own. */
  seen: number;
  /** The same with those that may be of another attack or run. */
  possible: number;
  wanted: number;
  sightings: readonly Sighting[];
  near: readonly NearMiss[];
  watchers: readonly Watcher[];
  /** The product that says it stopped the attack, in words. */
  blockedBy?: string;
  /** Whether one of the products would say so. */
  mayBeBlocked: boolean;
}

export interface Weighed {
  /** In the order of the expectations. */
  evidence: Evidence[];
  /** New alerts that are surely of this run and that nothing expects, newest state each. */
  unexpected: { source: string; rung: Rung; alert: NormalisedAlert }[];
}

/** The catalogue's knowledge, as the engine asks for it. */
export interface AlertJudge {
  weigh(facts: RunFacts): Weighed;
  rungOf(alert: NormalisedAlert, run: RunIdentity): Rung | undefined;
  /** Why the alert of an expectation may not have come, likeliest first; `index`: of the expectation. */
  explain(index: number, facts: RunFacts, weighed: Weighed, looked: MissFacts): string[];
}
