// What happens in a run, as facts in the order in which they happened: events.jsonl holds these lines, reporters read them.
import type { Path } from '../language/playbook.ts';
import type { Capability, NormalisedAlert } from '../ports/alerts.ts';
import type { ObjectReference } from '../ports/cluster.ts';
import type { FailureCode } from '../ports/failure.ts';
import type { AlertExpectation } from '../steps/step.ts';

/** Version of the lines' shape; readers refuse logs of another major version. */
export const EVENTS_VERSION = 1;

export type StepStatus =
  | 'succeeded' // it ran, and what it expected came true
  | 'failed' // it ran or tried to, and the effect is not proved
  | 'prevented' // a control refused or stopped it, provably
  | 'skipped';

/** A problem in words, as the log keeps it. */
export interface Problem {
  code: FailureCode | 'expectation' | 'expression';
  message: string;
  hint?: string;
  /** The control that refused or stopped it. */
  policy?: string;
}

export interface StepFacts {
  /** Where it stands: "steps.2", "finally.0", "steps.2.parallel.1", or "steps.2/steps.0" in the file that steps.2 uses. */
  key: string;
  name: string;
  id?: string;
  attack: string[];
  /** Key of the step's type in the playbook. */
  kind: string;
  /** Key of the step that uses the file in which this one stands. */
  within?: string;
}

export interface StepEnd {
  status: StepStatus;
  /** Milliseconds since the Unix epoch. */
  startedAt: number;
  milliseconds: number;
  problem?: Problem;
  /** Why it was skipped. */
  reason?: string;
  /** Where it was skipped because a control had stopped a step that it needs: that control. */
  preventedBy?: string;
  /** What the step wanted told beside it. */
  note?: string;
  /** What it yielded, long texts cut; of several times the last. */
  outputs?: Record<string, unknown>;
  /** How often it was tried, where that is more than once. */
  attempts?: number;
  /** Each time that it was done and took effect, where the playbook says `repeat`. */
  executions?: Execution[];
}

/** One time of a step that is repeated. */
export interface Execution {
  /** Milliseconds since the Unix epoch. */
  startedAt: number;
  milliseconds: number;
}

export type Outcome = 'detected' | 'prevented' | 'missed' | 'unverified' | 'not-executed' | 'silent' | 'unexpected';

/** What became of one expected alert. */
export interface Verdict {
  expectation: AlertExpectation;
  outcome: Outcome;
  /** Why, in a sentence: the control, the gap, what was not done. */
  reason: string;
  /** Key of the attack step that it is about. */
  step?: string;
  /** Time to detect: from the attack's start until the alert, or the last of those that were wanted, was seen. */
  milliseconds?: number;
  times?: VerdictTimes;
  /** Source and id of each alert, and how it is known to be of this run. */
  evidence?: { source: string; id: string; name: string; rung: string }[];
  /** Nothing but cluster and time tie the alert to the run. */
  weak?: true;
  /** Whose the alerts may be as well, each in words; they prove nothing then. */
  ambiguousWith?: string[];
  /** Why no alert may have come, likeliest first. */
  explanations?: string[];
  /** What each source told of it, where more than one is read: known when all verdicts are. */
  bySource?: SourceTold[];
  /** Files that speak of the miss, beside the run's log. */
  kept?: string[];
}

/** What one source told of one expected alert. */
export interface SourceTold {
  source: string;
  /**
   * seen: its alert came. ambiguous: it may be of something else. nothing: it watched for the whole window, and none came. not yet: the verdict was
   * reached before its window ended. gap: it did not watch all the time. cannot see: the product has no such alert, or does not see what it needs.
   */
  state: 'seen' | 'ambiguous' | 'nothing' | 'not yet' | 'gap' | 'cannot see';
  /** Where it came: milliseconds from the attack's start until it was seen. */
  milliseconds?: number;
}

/** Milliseconds since the attack's start, by our clock; never negative. */
export interface VerdictTimes {
  /** What the start is: that of the process, told by its node's kernel, or that of the step. */
  from: 'process' | 'step';
  /** The activity that the alert is about. */
  activity?: number;
  /** The detection made the alert. */
  generated?: number;
  /** The alert could be read. */
  visible: number;
  /** Which of them were before the start by the product's clock, and are given as 0. */
  clamped?: ('activity' | 'generated' | 'visible')[];
}

/** An alert of this run that nothing expects. */
export interface UnexpectedAlert {
  source: string;
  id: string;
  name: string;
  rung: string;
  severity?: string;
  count: number;
}

export interface ExpectedAlert {
  expectation: AlertExpectation;
  /** Key of the attack step. */
  step?: string;
  absence?: string;
  preventedBy?: string;
}

export interface KnownPod {
  namespace: string;
  name: string;
  uid: string;
  /** Without the runtime's prefix. */
  containerIds: string[];
  /** Whether a controller made its name up, so that no other pod has it. */
  hasOwnName: boolean;
  /** Absent where it was on none yet. */
  node?: string;
}

/** What became of one object in the cleanup. */
export interface Removal {
  object: ObjectReference;
  result: 'deleted' | 'absent' | 'kept' | 'failed';
  reason?: string;
}

export type RunEvent =
  | {
      type: 'run-started';
      version: number;
      at: number;
      run: { id: string; namespace: string };
      playbook: { name: string; title: string; file: string };
      cluster: { context: string; server: string; version: string; identity: string };
      inputs: Record<string, unknown>;
      /** Guards that the operator switched off for this run. */
      overrides: string[];
      sources: string[];
    }
  /** Written to the disk before the object exists: this is what cleanup undoes. */
  | { type: 'object-intended'; at: number; object: ObjectReference }
  | { type: 'object-created'; at: number; object: ObjectReference }
  | { type: 'step-started'; at: number; step: StepFacts }
  | { type: 'step-said'; at: number; step: string; text: string }
  | { type: 'step-finished'; at: number; step: StepFacts; end: StepEnd }
  | { type: 'interrupted'; at: number; reason: string }
  | { type: 'source-opened'; at: number; source: string; product: string; capabilities: readonly Capability[]; window: number }
  /** Whole where it is of this run; of others no more than what tells it from others. */
  | { type: 'alert-seen'; at: number; source: string; id: string; name: string; rung?: string; baseline?: true; alert?: NormalisedAlert }
  | { type: 'source-gap'; at: number; source: string; from: number; to: number; reason: string }
  | { type: 'source-clock'; at: number; source: string; offset: number; uncertainty: number }
  /** Until when the source has told everything, where that was asked: when it was closed. */
  | { type: 'source-closed'; at: number; source: string; until?: number }
  /** A pod that a step used, or that the run's steps left in its namespace: alerts of it are of this run. */
  | { type: 'pod-known'; at: number; pod: KnownPod }
  /** What is expected of which attack, before anything is settled: with steps, pods and alerts above enough to judge anew. */
  | { type: 'alerts-expected'; at: number; expected: ExpectedAlert[] }
  | { type: 'expectation-settled'; at: number; verdict: Verdict }
  | { type: 'verdict-reached'; at: number; verdicts: Verdict[]; unexpected: UnexpectedAlert[] }
  /** Something that speaks of a miss was written to this file, beside the log. */
  | { type: 'evidence-kept'; at: number; path: string }
  /** Alerts that proved a verdict were resolved in their product; `problem`: why not. */
  | { type: 'alerts-resolved'; at: number; source: string; ids: string[]; problem?: string }
  | { type: 'cleanup-started'; at: number }
  | { type: 'object-removed'; at: number; removal: Removal }
  | { type: 'cleanup-finished'; at: number; milliseconds: number; left: Removal[]; kept: boolean }
  | { type: 'run-finished'; at: number; milliseconds: number; exitCode: number; interrupted: boolean; problem?: Problem };

/** "steps.2". */
export const keyOf = (path: Path): string => path.join('.');

/** Takes each event when it happens; the run's log is the first that does. */
export type Observer = (event: RunEvent) => void;
