// Events as JSON Lines, for programs: exactly what events.jsonl holds.
import type { Observer } from '../engine/events.ts';

/** Writes one JSON object a line, with the run it belongs to. */
export const eventsJson =
  (runId: string, write: (text: string) => void): Observer =>
  (event) =>
    write(`${JSON.stringify({ run: runId, ...event })}\n`);
