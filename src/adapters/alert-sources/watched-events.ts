// `open` and `check` of the events of a cluster: listed, then watched.
import type { AlertSource } from '../../ports/alerts.ts';
import type { Cluster, ObjectQuery } from '../../ports/cluster.ts';
import { Failure } from '../../ports/failure.ts';
import type { AlertDraft, Json } from './fields.ts';
import { failedCheck } from './poll.ts';
import { every, pushed } from './pushed.ts';
import type { SourceWorld } from './source-type.ts';

const BEAT = 5000;

export function watchedEvents(
  identity: Pick<AlertSource, 'name' | 'product'>,
  namespace: string | undefined,
  world: SourceWorld,
  read: (event: Json) => AlertDraft[],
): Pick<AlertSource, 'open' | 'check'> {
  const { clock } = world;
  const query: ObjectQuery = { apiVersion: 'v1', kind: 'Event', ...(namespace === undefined ? {} : { namespace }) };
  return {
    async open({ since }, signal) {
      const queue = pushed(identity, clock, signal);
      const cluster = await world.cluster();
      await mayWatch(cluster, namespace, signal);
      const synced = Promise.withResolvers<void>();
      let isBaseline = true;
      const follow = async () => {
        for await (const { type, object } of cluster.watch(query, signal)) {
          if (type === 'SYNCED') {
            isBaseline = false;
            synced.resolve();
          } else if (type !== 'DELETED' && object !== undefined) queue.alerts(read(object), isBaseline);
        }
        // It ended by itself, or with the signal.
        if (!signal.aborted) throw new Failure('unreachable', 'the watch of events ended');
      };
      follow().catch((error) => {
        synced.reject(error);
        if (!signal.aborted) queue.fail(error);
      });
      signal.addEventListener('abort', () => synced.reject(signal.reason), { once: true });
      await synced.promise;
      let covered = since;
      const beat = async () => {
        const start = clock.now();
        try {
          // Whether the API server can be reached: a watch says nothing while nothing happens.
          await cluster.version(signal);
          covered = Math.max(covered, start);
          queue.heartbeat(start);
        } catch (error) {
          if (!(error instanceof Failure) || error.code === 'unauthorized') throw error;
          queue.gap(covered, clock.now(), error.message);
          covered = clock.now();
        }
      };
      void every(clock, BEAT, signal, beat, queue.fail);
      return queue.events;
    },
    async check(signal) {
      try {
        const cluster = await world.cluster();
        await mayWatch(cluster, namespace, signal);
        const events = await cluster.list(query, signal);
        const found = events.flatMap((event) => read(event)).length;
        return [{ title: 'Events', result: 'ok', message: `can be read: ${found} of ${events.length} are told` }];
      } catch (error) {
        if (signal.aborted) throw error;
        return [failedCheck('Events', error)];
      }
    },
  };
}

async function mayWatch(cluster: Cluster, namespace: string | undefined, signal: AbortSignal): Promise<void> {
  for (const verb of ['list', 'watch']) {
    const { allowed } = await cluster.canI(
      { verb, group: '', resource: 'events', ...(namespace === undefined ? {} : { namespace }) },
      signal,
    );
    if (!allowed)
      throw new Failure(
        'forbidden',
        `this login may not ${verb} events ${namespace === undefined ? 'of all namespaces' : `in ${namespace}`}`,
      );
  }
}
