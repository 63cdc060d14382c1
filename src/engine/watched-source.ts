// What an alert source tells, gathered: the state on which it is judged.
import type { WatchedSource } from '../alerts/watched.ts';
import type { SourceEvent } from '../ports/alerts.ts';

export function watchOf({
  name,
  product,
  capabilities,
  window,
}: Pick<WatchedSource, 'name' | 'product' | 'capabilities' | 'window'>): WatchedSource {
  return { name, product, capabilities, window, alerts: [], gaps: [], heartbeats: [] };
}

/** Adds what the source told at the time `told`, by our clock. */
export function takeIn(watched: WatchedSource, event: SourceEvent, told: number): void {
  switch (event.type) {
    case 'alert':
      watched.alerts.push({ alert: event.alert, baseline: event.baseline === true });
      break;
    case 'heartbeat':
      if (event.at > (watched.heartbeats.at(-1)?.at ?? Number.NEGATIVE_INFINITY)) watched.heartbeats.push({ at: event.at, told });
      break;
    case 'gap':
      watched.gaps.push({ from: event.from, to: event.to, reason: event.reason });
      break;
    case 'clock':
      watched.clock = { offset: event.offset, uncertainty: event.uncertainty };
      break;
  }
}
