// An alert source in memory: what it tells is what a test says.
import type { AlertEntry } from '../../src/alerts/catalogue.ts';
import type { AlertSource, NormalisedAlert, SourceEvent } from '../../src/ports/alerts.ts';

export interface FakeSource extends AlertSource {
  /** Tells whoever watches. */
  tell(event: SourceEvent): void;
  /** Ends the stream with an error. */
  fail(error: Error): void;
  readonly opened: { id: string; namespace: string; since: number }[];
}

export function fakeSource(change: Partial<Pick<AlertSource, 'name' | 'product' | 'capabilities' | 'window'>> = {}): FakeSource {
  const queue: SourceEvent[] = [];
  const opened: FakeSource['opened'] = [];
  let failure: Error | undefined;
  let wake = Promise.withResolvers<void>();
  const turn = () => {
    wake.resolve();
    wake = Promise.withResolvers<void>();
  };
  return {
    name: 'lab-falco',
    product: 'falco',
    proof: 'recorded payloads',
    capabilities: ['process'],
    window: 10_000,
    ...change,
    opened,
    tell(event) {
      queue.push(event);
      turn();
    },
    fail(error) {
      failure = error;
      turn();
    },
    check: async () => [],
    async open(run, signal) {
      opened.push(run);
      signal.addEventListener('abort', turn, { once: true });
      return (async function* () {
        while (!signal.aborted) {
          const event = queue.shift();
          if (event !== undefined) yield event;
          else if (failure !== undefined) throw failure;
          else await wake.promise;
        }
      })();
    },
  };
}

/** An entry of the catalogue under which the fake source's alert goes. */
export const entryOf = (id: string, change: Partial<AlertEntry> = {}): AlertEntry => ({
  id,
  title: id,
  description: id,
  attack: ['T1046'],
  needs: ['process'],
  products: { falco: { rules: [{ name: 'Launch Suspicious Network Tool in Container' }] } },
  ...change,
});

/** An alert of the fake source, seen at `seen`. */
export function alertOf(change: Partial<NormalisedAlert> & { seen: number }): NormalisedAlert {
  const { seen, ...rest } = change;
  return {
    source: 'lab-falco',
    product: 'falco',
    id: 'alert-1',
    name: 'Launch Suspicious Network Tool in Container',
    techniques: [],
    times: { seen },
    count: 1,
    entities: { commandLines: [] },
    raw: {},
    ...rest,
  };
}
