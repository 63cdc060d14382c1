// A technique in one line.
import type { Definitions } from './definitions.ts';

/** "T1046 Network Service Discovery (Discovery)". */
export function techniqueText(id: string, techniqueOf: Definitions['techniqueOf']): string {
  const technique = techniqueOf(id);
  return technique === undefined ? id : `${id} ${technique.name} (${technique.tactics.join(', ')})`;
}
