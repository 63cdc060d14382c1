// Plays a labelled stream to the program's own watch, alert by alert at its time, and compares the verdicts with the truth.
import { readdirSync, readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { parseCatalogue } from '../../src/alerts/catalogue.ts';
import { judgeBy } from '../../src/alerts/judge.ts';
import type { Verdict } from '../../src/engine/events.ts';
import { watchAlerts } from '../../src/engine/expectations.ts';
import type { RanStep } from '../../src/engine/verdict.ts';
import { fakeSource } from '../fakes/alert-source.ts';
import { fakeClock } from '../fakes/clock.ts';
import { CLUSTER, type Stream, type Truth } from './streams.ts';

const folder = new URL('../../alerts/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
const judge = judgeBy(parseCatalogue(files.map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }))));

/** Gives each of the promises that wait their turn. */
const rest = async () => {
  for (let turns = 0; turns < 3; turns++) await turn();
};

const GRACE = 91_000;

export async function play({ source: { name, product, window }, run, other, attacks, expected, told, end }: Stream): Promise<Verdict[]> {
  const clock = fakeClock();
  const source = fakeSource({ name, product, window, capabilities: ['process', 'file', 'network', 'audit'] });
  const identityOf = (id: string, podUids: string[]) => ({
    id,
    namespace: `sim-${id}`,
    podUids,
    containerIds: [],
    podNames: [],
    clusters: [CLUSTER],
  });
  const identity = {
    ...identityOf(
      run.id,
      run.pods.map(({ uid }) => uid),
    ),
    containerIds: run.pods.map(({ containerId }) => containerId),
    podNames: run.pods.map((pod) => pod.name),
  };
  const others = other === undefined ? [] : [{ identity: identityOf(other.id, other.podUids), from: other.from, to: other.to }];
  const world = { sources: [source], judge, clock, record: () => undefined, identity: () => identity, others: () => others };
  const watch = await watchAlerts(world, new AbortController().signal);
  const steps = attacks.map(
    ({ name: title, from, to }, index): RanStep => ({
      facts: { key: `steps.${index}`, name: title, attack: ['T1046'], kind: 'exec' },
      end: { status: 'succeeded', startedAt: from, milliseconds: to - from },
    }),
  );
  const registered = expected.map(({ attack, count }) => ({
    expectation: { alert: attacks[attack]?.behaviour ?? '', ...(count === undefined ? {} : { count }) },
    attack: { attack: steps[attack] },
  }));
  // The steps are over before anything is settled.
  const begin = Math.max(...attacks.map(({ to }) => to));
  const later = told.filter(({ at }) => at >= begin);
  for (const { at, event } of told.filter((each) => each.at < begin)) {
    clock.advance(Math.max(0, at - clock.now()));
    source.tell(event);
    await turn();
  }
  await rest();
  clock.advance(Math.max(0, begin - clock.now()));
  const settled = watch.settle(registered, steps);
  for (const { at, event } of later) {
    await rest();
    clock.advance(Math.max(0, at - clock.now()));
    source.tell(event);
  }
  for (const until of [end, end + GRACE, end + 2 * GRACE]) {
    await rest();
    clock.advance(Math.max(0, until - clock.now()));
  }
  const { verdicts } = await settled;
  await watch.close();
  return verdicts;
}

/** How a verdict stands to the truth. `withheld`: nothing false was said, but less than could have been. */
export type Mark = 'right' | 'false detected' | 'false missed' | 'silent ambiguity' | 'withheld';

export function mark(truth: Truth, { outcome, weak, ambiguousWith }: Verdict): Mark {
  if (truth === 'ambiguous') return outcome === 'unverified' && ambiguousWith !== undefined ? 'right' : 'silent ambiguity';
  if (outcome === 'detected') return truth === 'detected' || (truth === 'weak' && weak === true) ? 'right' : 'false detected';
  if (outcome === 'missed') return truth === 'missed' ? 'right' : 'false missed';
  return truth === outcome ? 'right' : 'withheld';
}
