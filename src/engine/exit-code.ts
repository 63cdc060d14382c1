// What the exit code of `sim run` means, and which one wins where several are due.
import type { Outcome, StepEnd, StepFacts } from './events.ts';

export const ExitCode = {
  ok: 0,
  /** An expected alert was missed, or one came that should not have; findings of lint. */
  missed: 1,
  usage: 2,
  couldNotRun: 3,
  /** Something is unverified or was not executed. */
  unverified: 4,
  /** Something was left behind on the cluster. */
  leftBehind: 5,
  interrupted: 130,
} as const;

/** From the gravest down (../shared/design.md: 130 > 5 > 3 > 1 > 4); usage never meets another one. */
const ORDER: readonly number[] = [130, 5, 3, 2, 1, 4, 0];

/** The one that wins, of several runs or of several reasons. */
export function gravest(codes: readonly number[]): number {
  return ORDER.find((code) => codes.includes(code)) ?? ExitCode.ok;
}

export interface RunOutcome {
  interrupted: boolean;
  leftBehind: boolean;
  /** Something other than an attack failed, or the cluster could not be worked with. */
  couldNotRun: boolean;
  verdicts: readonly { outcome: Outcome; expectation: { optional?: boolean } }[];
  steps: readonly { facts: StepFacts; end: StepEnd }[];
  allowUnverified: boolean;
}

/** The exit code of one run. */
export function exitCodeOf({ interrupted, leftBehind, couldNotRun, verdicts, steps, allowUnverified }: RunOutcome): number {
  const outcomes = verdicts.filter(({ expectation }) => expectation.optional !== true).map(({ outcome }) => outcome);
  const isMissed = outcomes.some((outcome) => outcome === 'missed' || outcome === 'unexpected');
  const isOpen =
    outcomes.some((outcome) => outcome === 'unverified' || outcome === 'not-executed') ||
    steps.some(({ facts, end }) => facts.attack.length > 0 && end.status === 'failed');
  return gravest([
    ...(interrupted ? [ExitCode.interrupted] : []),
    ...(leftBehind ? [ExitCode.leftBehind] : []),
    ...(couldNotRun ? [ExitCode.couldNotRun] : []),
    ...(isMissed ? [ExitCode.missed] : []),
    ...(isOpen && !allowUnverified ? [ExitCode.unverified] : []),
  ]);
}
