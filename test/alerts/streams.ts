// Labelled streams of alerts: a small world of attacks, a detector, its clock and its way to us, of which each stream's truth is known because it was
// made so. Knows nothing of how alerts are matched.
import type { NormalisedAlert, SourceEvent } from '../../src/ports/alerts.ts';
import { type Random, randomOf } from './random.ts';

/** What is true of an expected alert. ambiguous: nobody can tell from what was told; weak: only cluster and time tell. */
export type Truth = 'detected' | 'weak' | 'missed' | 'unverified' | 'ambiguous';

export interface Attack {
  name: string;
  behaviour: Behaviour;
  from: number;
  to: number;
}

export interface Stream {
  kind: Kind;
  seed: number;
  source: { name: string; product: Product; window: number };
  run: { id: string; pods: { uid: string; containerId: string; name: string }[] };
  /** Another run at the same time, where there is one. */
  other?: { id: string; from: number; to: number; podUids: string[] };
  attacks: Attack[];
  /** By the attack's place; `truth` of each. */
  expected: { attack: number; count?: number; truth: Truth }[];
  /** In the order in which it is told, by our clock. */
  told: { at: number; event: SourceEvent }[];
  end: number;
}

type Product = 'defender-for-cloud' | 'falco';
type Behaviour = 'network-scanning-tool' | 'drift-binary' | 'web-shell-activity';

/** As the products' documentation calls them. */
const NAMES: Record<Product, Record<Behaviour, string>> = {
  'defender-for-cloud': {
    'network-scanning-tool': 'Network scanning tool detected',
    'drift-binary': 'A drift binary detected executing in the container',
    'web-shell-activity': 'Possible Web Shell activity detected',
  },
  falco: {
    'network-scanning-tool': 'Launch Suspicious Network Tool in Container',
    'drift-binary': 'Drop and execute new binary in container',
    'web-shell-activity': 'Web Server Spawned Shell',
  },
};

const START = 1_000_000;
export const CLUSTER = '/subscriptions/1/managedClusters/lab';
const HEX = '0123456789abcdef';

/** What the detector's way of telling is like in one stream. */
interface Habit {
  /** How exactly it tells when something happened. */
  precision: 'ticks' | 'seconds' | 'none';
  /** Its clock minus ours, milliseconds. */
  skew: number;
  isMeasured: boolean;
}

/** One stream in the making. */
class World {
  readonly told: Stream['told'] = [];
  readonly attacks: Attack[] = [];
  readonly expected: Stream['expected'] = [];
  readonly run: Stream['run'];
  readonly product: Product;
  readonly window: number;
  readonly random: Random;
  readonly habit: Habit;
  other: Stream['other'];
  private alerts = 0;
  private free = START + 5000;

  constructor(random: Random, habit: Partial<Habit> = {}) {
    this.random = random;
    this.habit = { precision: random.pick(['ticks', 'seconds', 'ticks']), skew: 0, isMeasured: true, ...habit };
    this.product = random.pick(['defender-for-cloud', 'falco']);
    this.window = random.between(5, 60) * 1000;
    const pods = Array.from({ length: 2 }, (_, index) => ({
      uid: this.uid(),
      containerId: this.hex(64),
      name: `victim-${index}-${random.id(5)}`,
    }));
    this.run = { id: random.id(8), pods };
  }

  hex(length: number): string {
    return Array.from({ length }, () => this.random.pick([...HEX])).join('');
  }
  uid(): string {
    return [8, 4, 4, 4, 12].map((length) => this.hex(length)).join('-');
  }

  /** An attack some seconds after the one before, so that whole seconds do not blur which is which. */
  attack(behaviour: Behaviour, pause = this.random.between(4000, 9000)): number {
    const from = this.free + pause;
    const to = from + this.random.between(5, 2500);
    this.free = to;
    return this.attacks.push({ name: `attack ${this.attacks.length}`, behaviour, from, to }) - 1;
  }

  expect(attack: number, truth: Truth, count?: number): void {
    this.expected.push({ attack, truth, ...(count === undefined ? {} : { count }) });
  }

  /** Some time while the attack ran. */
  during(attack: number): number {
    const { from, to } = this.attacks[attack] as Attack;
    return from + this.random.next() * (to - from);
  }
  deadline(attack: number): number {
    return (this.attacks[attack] as Attack).to + this.window;
  }
  /** Some time after `time` and before the window of the attack is over. */
  soon(time: number, attack: number): number {
    return time + this.random.next() * (this.deadline(attack) - time - 1);
  }

  /** A time as the product writes it: a seventh digit, or no more than seconds. */
  stamp(time: number): number {
    const theirs = time + this.habit.skew;
    return this.habit.precision === 'seconds' ? Math.floor(theirs / 1000) * 1000 : Math.floor(theirs * 10_000) / 10_000;
  }

  /** The alert of an attack of this run, as it is when it is told at `seen`. */
  alert(
    attack: number,
    happened: { first: number; last?: number; count?: number },
    seen: number,
    change: Partial<NormalisedAlert> = {},
  ): NormalisedAlert {
    const { behaviour } = this.attacks[attack] as Attack;
    const { first, last = first, count = 1 } = happened;
    const isTimed = this.habit.precision !== 'none';
    const made = Math.min(seen, last + 50 + this.random.next() * 200);
    return {
      source: 'one',
      product: this.product,
      id: `alert-${++this.alerts}`,
      name: this.decorated(NAMES[this.product][behaviour]),
      techniques: [],
      severity: 'medium',
      times: {
        ...(isTimed ? { first: this.stamp(first), last: this.stamp(last), generated: this.stamp(made), updated: this.stamp(made) } : {}),
        seen,
      },
      count,
      ...this.ours(),
      ...change,
    };
  }

  decorated(name: string): string {
    return this.random.pick([
      name,
      name,
      `PREVIEW - ${name}`,
      `${name} (Preview)`,
      `${name} [seen multiple times]`,
      name.toUpperCase(),
      `\`${name}\``,
    ]);
  }

  /** The ways in which a product names the run's process, pod or container. */
  ours(): Pick<NormalisedAlert, 'entities' | 'raw'> {
    const { id, pods } = this.run;
    const pod = this.random.pick(pods);
    return this.random.pick([
      { entities: { commandLines: ['nmap', `bash -s sim-${id}`] }, raw: {} },
      { entities: { commandLines: [], namespace: `sim-${id}` }, raw: {} },
      { entities: { commandLines: [] }, raw: { output_fields: { 'proc.env': `SIM_RUN=${id}` } } },
      { entities: { commandLines: [] }, raw: { entities: [{ podUid: pod.uid }] } },
      { entities: { commandLines: [], containerId: pod.containerId }, raw: {} },
      { entities: { commandLines: [], pod: pod.name }, raw: {} },
    ]);
  }

  /** Of somebody else's workload, run or cluster. */
  foreign(): Pick<NormalisedAlert, 'entities' | 'raw'> {
    const run = this.random.id(8);
    return this.random.pick([
      { entities: { commandLines: [`bash -s sim-${run}`], namespace: `sim-${run}` }, raw: {} },
      { entities: { commandLines: [], namespace: 'shop', pod: 'cart', cluster: CLUSTER }, raw: { podUid: this.uid() } },
      { entities: { commandLines: [], cluster: `${CLUSTER}-two` }, raw: {} },
      { entities: { commandLines: [], cluster: CLUSTER, containerId: this.hex(64) }, raw: {} },
      { entities: { commandLines: [], cluster: CLUSTER }, raw: { output: `bash -s sim-${run}` } },
      {
        entities: { commandLines: [`bash -s sim-${this.run.id}x`], user: 'system:serviceaccount:shop:default', cluster: CLUSTER },
        raw: {},
      },
    ]);
  }

  tell(alert: NormalisedAlert, { times = 1, baseline = false } = {}): void {
    for (let time = 0; time < times; time++)
      this.told.push({ at: alert.times.seen, event: { type: 'alert', alert, ...(baseline ? { baseline: true } : {}) } });
  }

  /** The detector finds the attack and tells it in time. */
  detect(attack: number, happened = this.during(attack)): void {
    this.tell(this.alert(attack, { first: happened }, this.soon(Math.max(happened, (this.attacks[attack] as Attack).from), attack)));
  }

  /** What has nothing to do with this run, at any time. */
  noise(): void {
    const { random } = this;
    for (let left = random.between(0, 4); left > 0 && this.attacks.length > 0; left--) {
      const attack = random.between(0, this.attacks.length - 1);
      const at = this.during(attack);
      const seen = this.soon(at, attack);
      if (random.chance(0.7)) this.tell(this.alert(attack, { first: at }, seen, this.foreign()), { times: random.between(1, 2) });
      else this.tell(this.alert(attack, { first: at }, seen, { name: 'Something else happened', type: 'K8S.NODE_Other' }));
    }
  }

  get over(): number {
    return Math.max(...this.attacks.map((_, index) => this.deadline(index))) + 5000;
  }

  /** Signs of life, but for a time in which it is stuck. */
  alive(stuck?: { from: number; to: number }): void {
    const every = this.random.between(500, 3000);
    // At the end of a window, too, so that what is late by a moment is late.
    const ends = this.attacks.map((_, index) => this.deadline(index));
    for (let at = START; at < this.over + every; at += every) ends.push(at);
    for (const at of ends) {
      if (stuck !== undefined && at >= stuck.from && at < stuck.to) continue;
      this.told.push({ at, event: { type: 'heartbeat', at } });
    }
  }

  measure(): void {
    if (!this.habit.isMeasured) return;
    const uncertainty = this.random.between(1, 200);
    const offset = this.habit.skew + (this.random.next() * 2 - 1) * uncertainty;
    this.told.push({ at: START, event: { type: 'clock', offset, uncertainty } });
  }
}

const BEHAVIOURS: readonly Behaviour[] = ['network-scanning-tool', 'drift-binary', 'web-shell-activity'];

/** What each kind of stream is made of; signs of life, clock and noise come to all of them, where it does not say otherwise. */
const KINDS = {
  plain(world) {
    for (const behaviour of BEHAVIOURS) sometimes(world, world.attack(behaviour));
  },
  late(world) {
    const attack = world.attack('drift-binary');
    // The source had told all of the window before.
    world.tell(world.alert(attack, { first: world.during(attack) }, world.deadline(attack) + 4000));
    world.expect(attack, 'missed');
  },
  duplicate(world) {
    const attack = world.attack('drift-binary');
    const at = world.during(attack);
    world.tell(world.alert(attack, { first: at }, world.soon(at, attack)), { times: world.random.between(2, 5) });
    if (world.random.chance(0.5)) world.expect(attack, 'detected');
    else world.expect(attack, 'missed', 2);
  },
  updated(world) {
    const attack = world.attack('network-scanning-tool');
    const past = START - 60_000;
    const alert = world.alert(attack, { first: past, count: 3 }, START, world.ours());
    world.tell(alert, { baseline: true });
    const at = world.during(attack);
    const seen = world.soon(at, attack);
    const goesOn = world.random.chance(0.5);
    // Or somebody only looked at the old alert.
    const isTimed = world.habit.precision !== 'none';
    const times = { ...alert.times, seen, ...(isTimed ? { updated: world.stamp(at), ...(goesOn ? { last: world.stamp(at) } : {}) } : {}) };
    world.tell({ ...alert, count: goesOn ? 4 : 3, times });
    world.expect(attack, goesOn ? 'detected' : 'missed');
  },
  folded(world) {
    const [one, two] = [world.attack('drift-binary'), world.attack('drift-binary')];
    const [first, second] = [world.during(one), world.during(two)];
    const both = world.random.chance(0.5);
    const isOneState = both && world.random.chance(0.5);
    const alert = world.alert(one, { first }, Math.min(world.soon(first, one), (world.attacks[two] as Attack).from - 1));
    if (!isOneState) world.tell(alert);
    if (both) world.tell({ ...world.alert(one, { first, last: second, count: 2 }, world.soon(second, two)), id: alert.id });
    // Of one state alone the first is seen only when the second is: within its window or not.
    const seen = world.told.at(-1)?.at ?? 0;
    world.expect(one, isOneState && seen > world.deadline(one) ? 'missed' : 'detected');
    world.expect(two, both ? 'detected' : 'missed');
  },
  otherRun(world) {
    const attack = world.attack('web-shell-activity');
    for (let left = 3; left > 0; left--) {
      const at = world.during(attack);
      const id = world.random.id(8);
      const entities = { commandLines: [`bash -s sim-${id}`], namespace: `sim-${id}`, cluster: CLUSTER };
      world.tell(world.alert(attack, { first: at }, world.soon(at, attack), { entities, raw: { run: `sim-${id}` } }));
    }
    sometimes(world, attack);
  },
  otherCluster(world) {
    const attack = world.attack('network-scanning-tool');
    const at = world.during(attack);
    const isHere = world.random.chance(0.5);
    const entities = { commandLines: [], cluster: isHere ? CLUSTER.toUpperCase() : `${CLUSTER}-two` };
    world.tell(world.alert(attack, { first: at }, world.soon(at, attack), { entities, raw: {} }));
    world.expect(attack, isHere ? 'weak' : 'missed');
  },
  renamed(world) {
    const attack = world.attack('drift-binary');
    const at = world.during(attack);
    world.tell(world.alert(attack, { first: at }, world.soon(at, attack), { name: 'Binary drift found in a container' }));
    world.expect(attack, 'missed');
  },
  incident(world) {
    const attack = world.attack('web-shell-activity');
    const at = world.during(attack);
    const raw = { isIncident: true, alerts: [NAMES[world.product]['web-shell-activity'], `sim-${world.run.id}`] };
    world.tell(world.alert(attack, { first: at }, world.soon(at, attack), { name: 'Security incident with several alerts', raw }));
    sometimes(world, attack);
  },
  fractions(world) {
    const attack = world.attack('drift-binary', 4000);
    // Within the first tenth of a millisecond of the attack, or its last.
    const { from, to } = world.attacks[attack] as Attack;
    world.detect(attack, world.random.chance(0.5) ? from + 0.0001234 : to - 0.0000001);
    world.expect(attack, 'detected');
  },
  skewed(world) {
    const [one, two] = [world.attack('drift-binary'), world.attack('drift-binary')];
    sometimes(world, one);
    sometimes(world, two);
  },
  unmeasured(world) {
    const one = world.attack('drift-binary');
    const first = world.during(one);
    const two = world.attack('drift-binary', world.random.between(200, 4000));
    const isEarly = world.random.chance(0.5);
    const seen = isEarly
      ? Math.min(first + 100, (world.attacks[two] as Attack).from - 1)
      : Math.max(world.soon(first, one), (world.attacks[two] as Attack).from + 1);
    world.tell(world.alert(one, { first }, seen));
    // By a clock that may be wrong by anything it may be of the second as well, once that has begun.
    const inTime = seen <= world.deadline(one);
    world.expect(one, isEarly ? 'detected' : inTime ? 'ambiguous' : 'missed');
    world.expect(two, isEarly ? 'missed' : 'ambiguous');
  },
  gap(world) {
    const attack = world.attack('network-scanning-tool');
    const { from } = world.attacks[attack] as Attack;
    const where = world.random.pick(['inside', 'before', 'after'] as const);
    const deadline = world.deadline(attack);
    const start = where === 'inside' ? world.soon(from, attack) : where === 'before' ? START + 100 : deadline + 100;
    world.told.push({ at: start + 50, event: { type: 'gap', from: start, to: start + 50, reason: 'page 3 of 7 did not come' } });
    const comes = world.random.chance(0.4);
    if (comes) world.detect(attack);
    world.expect(attack, comes ? 'detected' : where === 'inside' ? 'unverified' : 'missed');
  },
  stuck(world) {
    const attack = world.attack('drift-binary');
    const at = world.during(attack);
    const resumes = world.deadline(attack) + 2000;
    const comes = world.random.chance(0.5);
    if (comes) world.tell(world.alert(attack, { first: at }, resumes - 1));
    // It wakes up after the window, or never.
    const never = !comes && world.random.chance(0.5);
    world.alive({ from: at, to: never ? Number.POSITIVE_INFINITY : resumes });
    world.expect(attack, comes ? 'detected' : never ? 'unverified' : 'missed');
  },
  twoRuns(world) {
    const attack = world.attack('network-scanning-tool');
    const { from, to } = world.attacks[attack] as Attack;
    const uid = world.run.pods[0]?.uid ?? '';
    world.other = { id: world.random.id(8), from: from - 500, to: to + 500, podUids: [uid] };
    const at = world.during(attack);
    const seen = world.soon(at, attack);
    const names = world.random.pick(['this run', 'the other', 'the pod of both', 'the cluster of both'] as const);
    const entities = {
      'this run': { commandLines: [`bash -s sim-${world.run.id}`] },
      'the other': { commandLines: [], namespace: `sim-${world.other.id}` },
      'the pod of both': { commandLines: [], namespace: 'shop', pod: 'cart' },
      'the cluster of both': { commandLines: [], cluster: CLUSTER },
    }[names];
    world.tell(world.alert(attack, { first: at }, seen, { entities, raw: names === 'the pod of both' ? { podUid: uid } : {} }));
    world.expect(attack, names === 'this run' ? 'detected' : names === 'the other' ? 'missed' : 'ambiguous');
  },
  twice(world) {
    const [one, two] = [world.attack('web-shell-activity'), world.attack('web-shell-activity')];
    for (const attack of [one, two]) {
      const raised = world.random.between(0, 3);
      for (let left = raised; left > 0; left--) world.detect(attack);
      world.expect(attack, raised > 0 ? 'detected' : 'missed');
    }
  },
  twiceUntimed(world) {
    const [one, two] = [world.attack('web-shell-activity', 4000), world.attack('web-shell-activity', 200)];
    const begins = (world.attacks[two] as Attack).from;
    // One alert or two of the first attack: nothing in them says of which they are once the second has begun.
    const seen = Array.from(
      { length: world.random.between(1, 2) },
      () => begins + 1 + world.random.next() * Math.max(1, world.deadline(one) - begins - 2),
    );
    for (const time of seen) world.tell(world.alert(one, { first: world.during(one) }, time));
    const isOpen = seen.some((time) => time <= world.deadline(one));
    world.expect(one, isOpen ? 'ambiguous' : 'missed');
    world.expect(two, 'ambiguous');
  },
  together(world) {
    const one = world.attack('drift-binary');
    const { from, to } = world.attacks[one] as Attack;
    world.attacks.push({ name: 'attack beside', behaviour: 'drift-binary', from, to });
    const raised = world.random.between(0, 2);
    for (let left = raised; left > 0; left--) world.detect(one);
    for (const attack of [one, one + 1]) world.expect(attack, raised > 0 ? 'ambiguous' : 'missed');
  },
  meanwhile(world) {
    const [one, two] = [world.attack('web-shell-activity'), world.attack('web-shell-activity')];
    // Nothing is expected of the second, which goes the same way.
    world.detect(two);
    const found = world.random.chance(0.5);
    if (found) world.detect(one);
    const inTime = world.told.some(
      ({ event, at }) => event.type === 'alert' && at <= world.deadline(one) && isAfter(event.alert, world, two),
    );
    world.expect(one, found ? 'detected' : inTime ? 'ambiguous' : 'missed');
  },
  outOfOrder(world) {
    const attack = world.attack('drift-binary');
    const [first, second] = [world.during(attack), world.during(attack)].sort((a, b) => a - b) as [number, number];
    const old = world.alert(attack, { first }, world.soon(second, attack));
    const seen = old.times.seen;
    world.tell({ ...world.alert(attack, { first, last: second, count: 2 }, seen), id: old.id });
    world.tell(old);
    if (world.random.chance(0.5)) world.expect(attack, 'detected', 2);
    else world.expect(attack, 'missed', 3);
  },
  mixed(world) {
    const { random } = world;
    const behaviours = Array.from({ length: random.between(2, 5) }, () => random.pick(BEHAVIOURS));
    for (const attack of behaviours.map((behaviour) => world.attack(behaviour))) {
      const raised = random.between(0, 2);
      for (let left = raised; left > 0; left--) {
        const at = world.during(attack);
        const alert = world.alert(attack, { first: at, count: random.between(1, 3) }, world.soon(at, attack));
        world.tell(alert, { times: random.between(1, 3) });
        // Somebody has looked at it.
        if (random.chance(0.3))
          world.tell({ ...alert, times: { ...alert.times, updated: world.stamp(alert.times.seen + 100), seen: alert.times.seen + 100 } });
      }
      if (random.chance(0.3)) {
        const at = world.during(attack);
        world.tell(world.alert(attack, { first: at }, world.deadline(attack) + 4000));
      }
      world.expect(attack, raised > 0 ? 'detected' : 'missed');
    }
  },
} satisfies Record<string, (world: World) => void>;

export type Kind = keyof typeof KINDS;
export const kinds = Object.keys(KINDS) as Kind[];

const HABITS: Partial<Record<Kind, (random: Random) => Partial<Habit>>> = {
  skewed: (random) => ({ skew: random.between(-600_000, 600_000) }),
  unmeasured: (random) => ({ skew: random.between(-600_000, 600_000), isMeasured: false }),
  updated: (random) => ({ precision: random.pick(['ticks', 'seconds', 'none']) }),
  mixed: (random) => ({ skew: random.pick([0, random.between(-60_000, 60_000)]) }),
  twiceUntimed: () => ({ precision: 'none' }),
  fractions: () => ({ precision: 'ticks' }),
};

function sometimes(world: World, attack: number): void {
  const found = world.random.chance(0.5);
  if (found) world.detect(attack);
  world.expect(attack, found ? 'detected' : 'missed');
}

/** Whether the alert is that of the attack: of what this world tells, by the time at which it is seen. */
function isAfter({ times }: NormalisedAlert, world: World, attack: number): boolean {
  return times.seen >= (world.attacks[attack] as Attack).from;
}

/** The stream of a kind that this number stands for: the same each time. */
export function streamOf(kind: Kind, seed: number): Stream {
  const random = randomOf(seed);
  const world = new World(random, HABITS[kind]?.(random) ?? {});
  world.measure();
  (KINDS[kind] as (world: World) => void)(world);
  if (!world.told.some(({ event }) => event.type === 'heartbeat')) world.alive();
  if (kind !== 'twoRuns') world.noise();
  const { run, product, window, attacks, expected, other, over } = world;
  const told = world.told
    .map((each, index) => ({ each, index }))
    .sort((a, b) => a.each.at - b.each.at || a.index - b.index)
    .map(({ each }) => each);
  return {
    kind,
    seed,
    source: { name: 'one', product, window },
    run,
    attacks,
    expected,
    told,
    end: over,
    ...(other === undefined ? {} : { other }),
  };
}
