// What a rule remembers between observations: a bounded number of groups, each for a bounded time.

/** Groups that one rule follows at a time; beyond them the oldest is forgotten, and that is counted. */
const MOST_GROUPS = 5000;

export interface Windows<State> {
  /** The group's state; made anew where there is none, or none that is younger than the window. */
  of(group: string, time: number): State;
  /** Groups that had to be forgotten while their window was open. */
  forgotten(): number;
}

/** `within`: milliseconds that a group is remembered after it was last asked for. */
export function openWindows<State>(within: number, begin: () => State): Windows<State> {
  const groups = new Map<string, { state: State; last: number }>();
  let forgotten = 0;
  return {
    of(group, time) {
      const known = groups.get(group);
      const state = known === undefined || time - known.last > within ? begin() : known.state;
      // The one used last stands last.
      groups.delete(group);
      groups.set(group, { state, last: Math.max(time, known?.last ?? time) });
      for (const [oldest, { last }] of groups) {
        const isOver = time - last > within;
        if (!isOver && groups.size <= MOST_GROUPS) break;
        groups.delete(oldest);
        if (!isOver) forgotten++;
      }
      return state;
    },
    forgotten: () => forgotten,
  };
}
