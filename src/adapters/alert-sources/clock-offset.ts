// How far a product's clock is from ours, told by the Date header of its answers.

/** A whole second of the server's clock, and when we asked and were answered by ours. */
export interface ClockReading {
  server: number;
  sent: number;
  received: number;
}

export interface ClockOffset {
  /** The server's clock minus ours. */
  offset: number;
  /** How far that may be wrong. */
  uncertainty: number;
}

/** A step of this much is worth telling again. */
const BETTER = 0.8;

/**
 * Narrows the offset down with each answer: a Date has no fractions, so one answer alone leaves a second and the time on the way.
 * Gives the offset where it is new or clearly better known, else undefined.
 */
export function clockOffset(): (reading: ClockReading) => ClockOffset | undefined {
  let [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  let told = Number.POSITIVE_INFINITY;
  return ({ server, sent, received }) => {
    const [from, to] = [server - received, server + 1000 - sent];
    [low, high] = [Math.max(low, from), Math.min(high, to)];
    // Nothing fits all answers: one of the clocks was set.
    if (low > high) [low, high, told] = [from, to, Number.POSITIVE_INFINITY];
    const uncertainty = (high - low) / 2;
    if (uncertainty >= told * BETTER) return undefined;
    told = uncertainty;
    return { offset: (low + high) / 2, uncertainty };
  };
}
