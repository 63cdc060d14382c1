// `open` and `check` of sources that products push to.
import type { AlertSource } from '../../ports/alerts.ts';
import type { AlertDraft } from './fields.ts';
import { type ListenSettings, listen } from './listener.ts';
import { failedCheck } from './poll.ts';
import { every, pushed } from './pushed.ts';
import type { SourceWorld } from './source-type.ts';

const BEAT = 2000;
/** How often it is told that nothing was heard. */
const UNHEARD = 10_000;
const UNPROVED = 'nothing has come yet that would show that the sender reaches this listener';

/** `read` makes alerts of a body; it throws Failure for what it does not take. */
export function receivedSource(
  identity: Pick<AlertSource, 'name' | 'product'>,
  settings: ListenSettings,
  world: SourceWorld,
  read: (body: unknown) => AlertDraft[],
): Pick<AlertSource, 'open' | 'check'> {
  const { clock } = world;
  /** While it is open: whether something has come, which a check then says; the port is taken. */
  let listening: { heard: boolean } | undefined;
  return {
    async open({ since }, signal) {
      const queue = pushed(identity, clock, signal);
      const now = { heard: false };
      let covered = since;
      const receive = (body: unknown) => {
        queue.alerts(read(body));
        if (!now.heard) unheard();
        now.heard = true;
      };
      // A sender that never came may be a sender that cannot come: silence proves nothing before it was heard once.
      const unheard = () => {
        queue.gap(covered, clock.now(), UNPROVED);
        covered = clock.now();
      };
      await listen(identity.name, settings, world, receive, signal);
      listening = now;
      signal.addEventListener('abort', () => {
        listening = undefined;
      });
      void every(
        clock,
        BEAT,
        signal,
        async () => {
          if (now.heard) queue.heartbeat(clock.now());
          else if (clock.now() - covered >= UNHEARD) unheard();
        },
        queue.fail,
      );
      return queue.events;
    },
    async check(signal) {
      if (listening?.heard) return [{ title: 'Listener', result: 'ok', message: 'listens, and alerts have come' }];
      if (listening !== undefined) return [{ title: 'Listener', result: 'warning', message: UNPROVED }];
      const ending = new AbortController();
      try {
        const quiet = { ...world, note: () => {} };
        await listen(identity.name, settings, quiet, () => {}, AbortSignal.any([signal, ending.signal]));
        return [
          { title: 'Listener', result: 'ok', message: 'can listen; whether the product reaches it shows only when it sends something' },
        ];
      } catch (error) {
        return [failedCheck('Listener', error)];
      } finally {
        ending.abort();
      }
    },
  };
}
