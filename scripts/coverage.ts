// What the playbooks run of ATT&CK's Containers matrix and of Microsoft's Threat Matrix for Kubernetes, as a page of the reference.
import { parse } from 'yaml';
import { techniques } from '../src/language/attack.ts';
import { ATTACK_VERSION } from '../src/language/attack-data.ts';
import type { Playbook } from '../src/language/playbook.ts';
import { allSteps, techniquesOf } from '../src/language/step-tree.ts';
import { type Page, section, table, text } from '../src/reference/page.ts';

/** docs/coverage.yaml. A technique of Microsoft's names what runs it, a playbook or `playbook.step`, or why nothing does. */
export interface CoverageData {
  attack: { notRun: Record<string, string> };
  microsoft: { version: string; techniques: { id: string; name: string; tactics: string[]; steps?: string[]; notRun?: string }[] };
}

export interface Row {
  id: string;
  name: string;
  tactics: string[];
  /** What runs it: `playbook.step`, or a playbook as a whole. */
  steps: string[];
  /** Why nothing does. */
  notRun?: string;
}

/** An attack step of a playbook: `playbook.step`, or the playbook where the step has no id; with its techniques. */
export interface Attack {
  step: string;
  techniques: string[];
}

export const readCoverage = (yaml: string): CoverageData => parse(yaml) as CoverageData;

/** The attack steps of a playbook. A step that does all of them at once (`mode: faithful`) adds nothing and is left out. */
export function attacksIn(playbook: Playbook): Attack[] {
  const { name } = playbook.metadata;
  return allSteps(playbook).flatMap((step) => {
    const ids = techniquesOf(step);
    return ids.length === 0 || step.id === 'faithful'
      ? []
      : [{ step: step.id === undefined ? name : `${name}.${step.id}`, techniques: ids }];
  });
}

/** The Containers matrix of ATT&CK. A technique is run where itself or one of its sub-techniques is. */
export function attackRows(attacks: readonly Attack[], { attack }: Pick<CoverageData, 'attack'>): Row[] {
  return [...techniques().values()]
    .filter(({ containers }) => containers)
    .map(({ id, name, tactics }) => {
      const steps = attacks.filter((each) => each.techniques.some((used) => used === id || used.startsWith(`${id}.`)));
      const notRun = attack.notRun[id];
      return {
        id,
        name,
        tactics: tactics.map((tactic) => tactic.name),
        steps: steps.map(({ step }) => step),
        ...(notRun === undefined ? {} : { notRun }),
      };
    });
}

/** Microsoft's matrix, as the data have it. */
export const microsoftRows = ({ microsoft }: Pick<CoverageData, 'microsoft'>): Row[] =>
  microsoft.techniques.map((technique) => ({ ...technique, steps: technique.steps ?? [] }));

/** E.g. "45 of 48 (93.8 %)". */
export function shareOf(rows: readonly Row[]): string {
  const run = rows.filter(({ steps }) => steps.length > 0).length;
  return `${run} of ${rows.length} (${((100 * run) / rows.length).toFixed(1)} %)`;
}

export function coveragePage(playbooks: readonly Playbook[], data: CoverageData): Page {
  const attack = attackRows(playbooks.flatMap(attacksIn), data);
  const microsoft = microsoftRows(data);
  return {
    kind: 'overview',
    name: 'Coverage',
    summary: `The scenarios run ${shareOf(attack)} techniques of ATT&CK's Containers matrix, and ${shareOf(microsoft)} of Microsoft's Threat Matrix for Kubernetes.`,
    sections: [
      ...section(
        `ATT&CK ${ATTACK_VERSION}, Containers`,
        text(
          `${shareOf(attack)}. Sub-techniques count each for itself; a technique is run where itself or one of its sub-techniques is. Read from the playbooks.`,
        ),
        tableOf(attack),
      ),
      ...section(
        'Threat Matrix for Kubernetes',
        text(
          `${shareOf(microsoft)}. The matrix is Microsoft's (github.com/microsoft/Threat-Matrix-for-Kubernetes, commit ${data.microsoft.version.slice(0, 12)}).`,
        ),
        tableOf(microsoft),
      ),
    ],
  };
}

const tableOf = (rows: readonly Row[]) =>
  table(
    ['technique', 'tactics', 'run by', 'why not'],
    rows.map(({ id, name, tactics, steps, notRun }) => [
      `${id} ${name}`,
      tactics.join(', '),
      steps.map((step) => `\`${step}\``).join(', '),
      notRun ?? '',
    ]),
  );
