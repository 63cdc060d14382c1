// What every alert source must do that is asked over HTTP: run against each, with a local server that answers as its product does.
import { describe, expect, onTestFinished, test } from 'vitest';
import type { CommonSettings, SourceType } from '../../src/adapters/alert-sources/source-type.ts';
import type { AlertSource, NormalisedAlert, SourceEvent } from '../../src/ports/alerts.ts';
import { type ProductServer, productServer, type ServerAnswer, type ServerRequest } from '../adapters/alert-sources/product-server.ts';
import { type TestWorld, testWorld } from '../adapters/alert-sources/world.ts';
import { type QuickClock, quickClock } from '../fakes/quick-clock.ts';

/** An alert in the words of the contract; the product's own shape is made of it. */
export interface ContractAlert {
  id: string;
  name: string;
  /** Of its activity, and of its last change. */
  at: number;
  /** Where the product folds. */
  count?: number;
}

export interface PolledUnderTest {
  type: SourceType;
  settings(server: ProductServer): CommonSettings & Record<string, unknown>;
  /** The alert as the product sends it. */
  alert(alert: ContractAlert): unknown;
  /** The answer to a request for alerts, paged as the product pages. */
  answer(request: ServerRequest, alerts: unknown[], server: ProductServer): ServerAnswer;
  /** Alerts in a page; absent: the product has no pages. */
  pageSize?: number;
  /** Whether the request carries the server's token. Default: as a bearer token. */
  authorised?(request: ServerRequest, server: ProductServer): boolean;
  /** Requests that need no token: where one is fetched. */
  open?(request: ServerRequest, server: () => ProductServer | undefined): ServerAnswer | undefined;
  secure?: boolean;
  /** The id that the source gives the alert. Default: the contract's. */
  idOf?(alert: ContractAlert): string;
}

const WINDOW = { id: 'a1b2c3d4', namespace: 'sim-a1b2c3d4' };

interface Stage {
  clock: QuickClock;
  server: ProductServer;
  source: AlertSource;
  world: TestWorld;
  alerts: ContractAlert[];
  /** What the product sends besides, of whatever shape. */
  strange: unknown[];
  /** Opens it, and gives the events one after the other. */
  open(): Promise<Watcher>;
}

export interface Watcher {
  events: SourceEvent[];
  /** Reads on until one event is so; returns it. Stops with an error after some thousand. */
  until(what: string, found: (event: SourceEvent) => boolean): Promise<SourceEvent>;
  alert(name: string): Promise<NormalisedAlert & { baseline?: true }>;
  /** The next one that is told after now. */
  heartbeat(): Promise<void>;
  stop(): Promise<void>;
}

/** Reads events of a source that is open. */
export async function watch(source: AlertSource, since: number): Promise<Watcher> {
  const ending = new AbortController();
  onTestFinished(() => ending.abort());
  const iterator = (await source.open({ ...WINDOW, since }, ending.signal))[Symbol.asyncIterator]();
  const events: SourceEvent[] = [];
  const until: Watcher['until'] = async (what, found) => {
    for (let read = 0; read < 5000; read++) {
      const { value, done } = await iterator.next();
      if (done) throw new Error(`the source ended before ${what}`);
      events.push(value);
      if (found(value)) return value;
    }
    throw new Error(`no ${what} in 5000 events`);
  };
  return {
    events,
    until,
    async alert(name) {
      const event = await until(`alert ${name}`, (each) => each.type === 'alert' && each.alert.name === name);
      if (event.type !== 'alert') throw new Error('no alert');
      return { ...event.alert, ...(event.baseline ? { baseline: true } : {}) };
    },
    heartbeat: async () => void (await until('heartbeat', ({ type }) => type === 'heartbeat')),
    async stop() {
      ending.abort();
      for (let rest = await iterator.next(); !rest.done; rest = await iterator.next()) events.push(rest.value);
    },
  };
}

/** Registers the tests. */
export function polledContract(name: string, under: PolledUnderTest): void {
  const idOf = under.idOf ?? (({ id }: ContractAlert) => id);

  async function stage(): Promise<Stage> {
    const clock = quickClock();
    const alerts: ContractAlert[] = [];
    const strange: unknown[] = [];
    const authorised = under.authorised ?? (({ headers }, { token }) => headers.authorization === `Bearer ${token}`);
    let made: ProductServer | undefined;
    const server = await productServer(
      clock,
      (request, self) => (authorised(request, self) ? under.answer(request, [...alerts.map(under.alert), ...strange], self) : undefined),
      { secure: under.secure === true, open: (request) => under.open?.(request, () => made) },
    );
    made = server;
    const world = testWorld(clock, { env: { SIM_TEST_SECRET: 'client-secret' } });
    const source = under.type.create(under.settings(server), world);
    return { clock, server, source, world, alerts, strange, open: () => watch(source, clock.now()) };
  }

  const gapOf = (watcher: Watcher) => watcher.until('gap', ({ type }) => type === 'gap');
  const opening = async ({ source, clock }: Stage) => {
    const ending = new AbortController();
    onTestFinished(() => ending.abort());
    return await source.open({ ...WINDOW, since: clock.now() }, ending.signal);
  };

  describe(`${name} keeps the contract of an alert source`, () => {
    test('what was there is told as such, what comes is new, and an unchanged alert is told once', async () => {
      const { alerts, clock, open, source } = await stage();
      const before = { id: 'id-old', name: 'Old alert', at: clock.now() - 60_000 };
      alerts.push(before);
      const watcher = await open();
      expect(await watcher.alert('Old alert')).toMatchObject({
        baseline: true,
        id: idOf(before),
        source: source.name,
        product: source.product,
      });
      await watcher.heartbeat();
      const fresh = { id: 'id-new', name: 'New alert', at: clock.now() };
      alerts.push(fresh);
      const told = await watcher.alert('New alert');
      expect(told).toMatchObject({ id: idOf(fresh), raw: expect.any(Object), entities: { commandLines: expect.any(Array) } });
      expect(told.baseline).toBeUndefined();
      expect(told.times.seen).toBeLessThanOrEqual(clock.now());
      expect(told.times.seen).toBeGreaterThanOrEqual(fresh.at);
      for (let beat = 0; beat < 3; beat++) await watcher.heartbeat();
      expect(watcher.events.filter(({ type }) => type === 'alert')).toHaveLength(2);
      await watcher.stop();
    });

    test('an alert that changed is told again under its id', async () => {
      const { alerts, clock, open } = await stage();
      const alert: ContractAlert = { id: 'id-1', name: 'Repeated', at: clock.now() - 10_000, count: 1 };
      alerts.push(alert);
      const watcher = await open();
      const first = await watcher.alert('Repeated');
      Object.assign(alert, { at: clock.now(), count: 2 });
      const second = await watcher.alert('Repeated');
      expect(second.id).toBe(first.id);
      expect(second.baseline).toBeUndefined();
      expect(second.times).not.toEqual({ ...first.times, seen: second.times.seen });
      await watcher.stop();
    });

    const size = under.pageSize;
    if (size !== undefined)
      test('all pages are read before a heartbeat', async () => {
        const { alerts, clock, open } = await stage();
        for (let index = 0; index < size * 2 + 1; index++) alerts.push({ id: `id-${index}`, name: `Alert ${index}`, at: clock.now() });
        const watcher = await open();
        await watcher.heartbeat();
        const names = watcher.events.flatMap((event) => (event.type === 'alert' ? [event.alert.name] : []));
        expect(names.sort()).toEqual(alerts.map((alert) => alert.name).sort());
        expect(watcher.events.filter(({ type }) => type === 'gap')).toEqual([]);
        await watcher.stop();
      });

    test.each([
      ['429 with Retry-After', { status: 429, headers: { 'Retry-After': '37' } }, 37_000],
      ['503 with Retry-After', { status: 503, headers: { 'Retry-After': '41' } }, 41_000],
      ['500', { status: 500, body: 'oops' }, 1000],
      ['a page that is no JSON', { status: 200, body: '<html>please log in</html>' }, 1000],
      ['JSON nested too deeply', { status: 200, body: `${'['.repeat(100_000)}${']'.repeat(100_000)}` }, 1000],
    ] as const)('%s: tried again after the pause asked for, and told as a gap', async (_, trouble, pause) => {
      const { alerts, clock, open, server } = await stage();
      const watcher = await open();
      await watcher.heartbeat();
      alerts.push({ id: 'id-1', name: 'Behind the trouble', at: clock.now() });
      server.troubles.push(trouble);
      expect(await gapOf(watcher)).toMatchObject({ type: 'gap', reason: expect.stringMatching(/\w/) });
      await watcher.alert('Behind the trouble');
      await watcher.heartbeat();
      expect(clock.slept).toContain(pause);
      const gaps = watcher.events.filter((event) => event.type === 'gap');
      for (const { from, to } of gaps) expect(to).toBeGreaterThan(from);
      await watcher.stop();
    });

    test('a connection that is reset: tried again', async () => {
      const { alerts, clock, open, server } = await stage();
      server.troubles.push('reset');
      const watcher = await open();
      server.troubles.push('reset', 'reset');
      await gapOf(watcher);
      alerts.push({ id: 'id-1', name: 'After the resets', at: clock.now() });
      await watcher.alert('After the resets');
      await watcher.stop();
    });

    test.each([
      [401, 'unauthorized'],
      [403, 'forbidden'],
      [404, 'not-found'],
    ] as const)('%i: no waiting helps, before the run and in it', async (status, code) => {
      const it = await stage();
      const refusal = { status, body: { message: 'no' } };
      it.server.troubles.push(refusal, refusal);
      await expect(opening(it)).rejects.toMatchObject({ name: 'Failure', code });
      it.server.troubles.length = 0;
      const watcher = await it.open();
      await watcher.heartbeat();
      it.server.troubles.push(refusal, refusal);
      await expect(watcher.heartbeat()).rejects.toMatchObject({ code });
    });

    test('a token that ends in the middle of a run is renewed', async () => {
      const { alerts, clock, open, server } = await stage();
      const watcher = await open();
      await watcher.heartbeat();
      server.renewToken('second-token');
      alerts.push({ id: 'id-1', name: 'With the new token', at: clock.now() });
      await watcher.alert('With the new token');
      expect(watcher.events.filter(({ type }) => type === 'gap')).toEqual([]);
      await watcher.stop();
    });

    test.each([0, 90_000, -3_600_000])('a clock that is %i ms off is measured', async (skew) => {
      const it = await stage();
      it.server.skew = skew;
      const watcher = await it.open();
      for (let beat = 0; beat < 3; beat++) await watcher.heartbeat();
      const clocks = watcher.events.filter((event) => event.type === 'clock');
      expect(clocks.length).toBeGreaterThan(0);
      for (const { offset, uncertainty } of clocks) expect(Math.abs(offset - skew)).toBeLessThanOrEqual(uncertainty + 1);
      await watcher.stop();
    });

    test('nonsense for an alert: neither an error nor a change to JavaScript', async () => {
      const { alerts, clock, open, strange } = await stage();
      const shape = under.alert({ id: 'id-evil', name: 'Evil', at: clock.now() });
      strange.push(null, 1, 'text', [], {}, ...distorted(shape), JSON.parse('{"__proto__": {"polluted": true}}'));
      alerts.push({ id: 'id-good', name: 'Good', at: clock.now() });
      const watcher = await open();
      await watcher.alert('Good');
      await watcher.heartbeat();
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
      for (const event of watcher.events) if (event.type === 'alert') expect(event.alert).toSatisfy(isNormalised);
      expect(watcher.events.filter(({ type }) => type === 'gap')).toEqual([]);
      await watcher.stop();
    });

    test('another host is not asked, and sees no credential', async () => {
      const it = await stage();
      const other = await productServer(it.clock, () => ({ body: [] }), { secure: under.secure === true });
      it.server.troubles.push({ status: 302, headers: { Location: `${other.url}/api` } });
      await expect(opening(it)).rejects.toMatchObject({ code: 'configuration' });
      expect(other.requests).toEqual([]);
    });

    test('it ends with the signal', async () => {
      const it = await stage();
      const watcher = await it.open();
      await watcher.heartbeat();
      await watcher.stop();
    });

    test('check says whether alerts can be read', async () => {
      const { server, source } = await stage();
      const signal = new AbortController().signal;
      expect(await source.check(signal)).toContainEqual(expect.objectContaining({ title: 'Alerts', result: 'ok' }));
      server.troubles.push({ status: 403 }, { status: 403 });
      expect(await source.check(signal)).toContainEqual(expect.objectContaining({ title: 'Alerts', result: 'failed' }));
    });
  });
}

/** The value with each of its fields, at any depth, replaced by something of another type. */
function distorted(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const replaced = [null, 7, 1e300, -1, 'x'.repeat(100_000), [[[]]], { a: { b: 1 } }, true].map((other) => put(value, key, other));
    return [...replaced, ...distorted(inner).map((other) => put(value, key, other))];
  });
}

const put = (value: object, key: string, other: unknown): unknown =>
  Array.isArray(value) ? value.map((item, index) => (String(index) === key ? other : item)) : { ...value, [key]: other };

function isNormalised(alert: NormalisedAlert): boolean {
  const { id, name, type, count, techniques, times, entities } = alert;
  const { commandLines, ...rest } = entities;
  return (
    typeof id === 'string' &&
    typeof name === 'string' &&
    name.length <= 1000 &&
    (type === undefined || typeof type === 'string') &&
    Number.isSafeInteger(count) &&
    count >= 1 &&
    techniques.every((each) => typeof each === 'string') &&
    Object.values(times).every((each) => Number.isFinite(each)) &&
    commandLines.every((each) => typeof each === 'string') &&
    Object.values(rest).every((each) => typeof each === 'string')
  );
}
