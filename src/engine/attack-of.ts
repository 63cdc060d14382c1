// Which attack an expected alert is about.
import type { AlertExpectation } from '../steps/step.ts';
import type { Attack, RanStep } from './verdict.ts';

export interface Registered {
  expectation: AlertExpectation;
  attack: Attack;
}

/** The first step of `of` that was not skipped; without `of` the nearest attack step before. All are steps of the expectation's own file. */
export function attackOf({ of }: AlertExpectation, steps: readonly RanStep[], before: readonly RanStep[]): Attack {
  const candidates =
    of === undefined
      ? before.filter(({ facts }) => facts.attack.length > 0).reverse()
      : of.flatMap((id) => steps.filter(({ facts }) => facts.id === id));
  const attack = candidates.find(({ end }) => end.status !== 'skipped');
  if (attack !== undefined) return { attack };
  // One that something else kept from running says more than one that was not meant to run.
  const skipped = candidates.find(({ end }) => end.preventedBy !== undefined) ?? candidates[0];
  if (skipped === undefined) return { attack: undefined, absence: 'no attack step ran' };
  const { reason, preventedBy } = skipped.end;
  return {
    attack: undefined,
    absence: `"${skipped.facts.name}" was skipped: ${reason}`,
    ...(preventedBy === undefined ? {} : { preventedBy }),
  };
}
