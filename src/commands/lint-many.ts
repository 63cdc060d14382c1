// Many files at once: this thread and its helpers each take the next few, and what they find comes in the order of the files.
import { type Finding, locate } from '../language/source.ts';
import { type Linted, type LintWorld, lintFile } from './lint-file.ts';
import type { Target } from './lint-paths.ts';
import type { SettingsOptions } from './lint-settings.ts';

/** A file that was checked, and what was found in it. */
export interface Checked {
  file: string;
  findings: Finding[];
  /** Of a detection rule: its id, and where that stands. */
  detection?: { id: string; place: Omit<Finding, 'message'> };
}

/** Some files that were checked, and what is wrong with the configurations that were read so far. */
export interface CheckedSome {
  checked: Checked[];
  configurations: Finding[];
}

export interface LintHelper {
  lint(targets: readonly Target[]): Promise<CheckedSome>;
  stop(): Promise<void>;
}

/** What a helper needs to know of the command. */
export type HelperOptions = Omit<SettingsOptions, 'checkout'> & { catalogue?: readonly string[] };

/** Files that a thread takes at a time. */
const SOME = 25;
/** A helper loads the program again; fewer files than this are checked before it has. */
export const MANY = 300;

export function checkedOf({ source, diagnostics, detectionId: id }: Linted): Checked {
  const findings = locate(source, diagnostics);
  if (id === undefined) return { file: source.name, findings };
  const start = source.text.indexOf(id);
  const [place] = locate(source, [{ rule: 'duplicate-id', severity: 'error', message: '', span: { start, end: start + id.length } }]);
  return { file: source.name, findings, ...(place === undefined ? {} : { detection: { id, place } }) };
}

/** Two rules with one id: whoever reads an alert could not tell which of them it was. */
export function repeatedIds(checked: readonly Checked[]): Finding[] {
  const first = new Map<string, string>();
  return checked.flatMap(({ file, detection }) => {
    if (detection === undefined) return [];
    const other = first.get(detection.id);
    if (other === undefined) first.set(detection.id, file);
    return other === undefined ? [] : [{ ...detection.place, message: `the id \`${detection.id}\` is taken by the rule in ${other}` }];
  });
}

/** One after the other. `mend` may change a file before its findings are located. */
export async function lintSome(
  targets: readonly Target[],
  world: LintWorld,
  mend: (linted: Linted) => Promise<void> = async () => undefined,
): Promise<CheckedSome> {
  const checked: Checked[] = [];
  for (const target of targets) {
    const linted = await lintFile(target, world);
    if (linted === undefined) continue;
    await mend(linted);
    checked.push(checkedOf(linted));
  }
  return { checked, configurations: world.settings.findings() };
}

/** The same as lintSome, with helpers; they are stopped at the end. */
export async function lintMany(targets: readonly Target[], world: LintWorld, helpers: readonly LintHelper[]): Promise<CheckedSome> {
  const jobs = Array.from({ length: Math.ceil(targets.length / SOME) }, (_, index) => targets.slice(index * SOME, (index + 1) * SOME));
  const done: CheckedSome[] = [];
  let next = 0;
  const work = async (lint: LintHelper['lint']) => {
    for (let index = next++; index < jobs.length; index = next++) done[index] = await lint(jobs[index] as Target[]);
  };
  const here: LintHelper['lint'] = async (some) => {
    // Looking at files does not wait for anything: answers of the helpers must get their turn.
    await new Promise((resolve) => setImmediate(resolve));
    return await lintSome(some, world);
  };
  try {
    // Each helper has a job waiting while it does another.
    await Promise.all([work(here), ...[...helpers, ...helpers].map((helper) => work((some) => helper.lint(some)))]);
  } finally {
    await Promise.all(helpers.map((helper) => helper.stop()));
  }
  const configurations = new Map(done.flatMap((each) => each.configurations).map((finding) => [JSON.stringify(finding), finding]));
  return { checked: done.flatMap(({ checked }) => checked), configurations: [...configurations.values()] };
}
