// ATT&CK's techniques by their ids: what a playbook's `attack` may name, and what its tactics are called.
import { FORMER_TECHNIQUES, TECHNIQUES } from './attack-data.ts';

export interface Tactic {
  /** E.g. "TA0007". */
  id: string;
  name: string;
}

export interface Technique {
  /** E.g. "T1552.005". */
  id: string;
  /** For a sub-technique with that of its technique before it, as ATT&CK's pages have it: "Unsecured Credentials: Credentials In Files". */
  name: string;
  /** In the order of the matrix. */
  tactics: readonly Tactic[];
  /** Whether ATT&CK's Containers matrix has it. */
  containers: boolean;
}

/** An id that ATT&CK has given up; `successor` is absent where nothing took its place. */
interface FormerTechnique {
  id: string;
  name: string;
  successor?: string;
}

/** The tactics of the Enterprise matrix, in its order. */
export const tactics: readonly Tactic[] = [
  { id: 'TA0043', name: 'Reconnaissance' },
  { id: 'TA0042', name: 'Resource Development' },
  { id: 'TA0001', name: 'Initial Access' },
  { id: 'TA0002', name: 'Execution' },
  { id: 'TA0003', name: 'Persistence' },
  { id: 'TA0004', name: 'Privilege Escalation' },
  { id: 'TA0005', name: 'Defense Evasion' },
  { id: 'TA0006', name: 'Credential Access' },
  { id: 'TA0007', name: 'Discovery' },
  { id: 'TA0008', name: 'Lateral Movement' },
  { id: 'TA0009', name: 'Collection' },
  { id: 'TA0011', name: 'Command and Control' },
  { id: 'TA0010', name: 'Exfiltration' },
  { id: 'TA0040', name: 'Impact' },
];

const rowsOf = (text: string): string[][] => text.split('\n').map((line) => line.split('|'));

// Read when first asked for: most commands never do.
let current: Map<string, Technique> | undefined;
let former: Map<string, FormerTechnique> | undefined;

/** Every technique and sub-technique of the pinned version, by its id, in the order of the ids. */
export function techniques(): ReadonlyMap<string, Technique> {
  if (current !== undefined) return current;
  const found = new Map<string, Technique>();
  for (const [id = '', numbers = '', platform, own = ''] of rowsOf(TECHNIQUES)) {
    const ids = numbers.split(',').map((number) => `TA${number.padStart(4, '0')}`);
    const parent = found.get(id.split('.')[0] ?? '');
    const name = parent === undefined ? own : `${parent.name}: ${own}`;
    found.set(id, { id, name, tactics: tactics.filter((tactic) => ids.includes(tactic.id)), containers: platform === 'c' });
  }
  current = found;
  return found;
}

/** The technique of an id; undefined for an id that the pinned version does not have (any more). */
export const techniqueOf = (id: string): Technique | undefined => techniques().get(id);

/** What an id meant that ATT&CK has given up; undefined where it is in use, or never was. */
export function formerTechniqueOf(id: string): FormerTechnique | undefined {
  former ??= new Map(
    rowsOf(FORMER_TECHNIQUES).map(([each = '', successor = '', name = '']) => [
      each,
      { id: each, name, ...(successor === '' ? {} : { successor }) },
    ]),
  );
  return former.get(id);
}
