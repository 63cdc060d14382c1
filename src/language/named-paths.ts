// Which paths a playbook names, so that somebody can look at them before it is loaded.
import type { StepLanguage } from './definition.ts';
import { USES_PATTERN } from './envelope.ts';
import { readSource } from './load.ts';
import { folderOf, joinPath, type Referenced, type References, sourceOfFile } from './references.ts';
import type { Source } from './source.ts';
import { hasExpression } from './template.ts';
import { isMap, listAt } from './untyped.ts';

/** So many files are looked at for one playbook. */
const MOST = 500;

/** Looks, by `look`, at every path that a playbook and the files that it uses name; paths count from the playbook's folder. */
export async function lookAtReferences(
  source: Source,
  stepTypes: readonly StepLanguage[],
  look: (path: string) => Promise<Referenced>,
): Promise<References> {
  const references = new Map<string, Referenced>();
  const visit = async (file: Source, folder: string): Promise<void> => {
    for (const { path, isUsed } of namedPaths(file, stepTypes)) {
      const joined = joinPath(folder, path);
      if (references.has(joined) || references.size >= MOST) continue;
      const found = await look(joined);
      references.set(joined, found);
      if (isUsed && found.kind === 'file') await visit(sourceOfFile(joined, found), folderOf(joined));
    }
  };
  await visit(source, '');
  return references;
}

interface NamedPath {
  path: string;
  isUsed: boolean;
}

/** Files that are used are asked by each playbook that uses them. */
const named = new WeakMap<Source, { stepTypes: readonly StepLanguage[]; paths: NamedPath[] }>();

/** The paths as they are written; `isUsed`: after `uses`. */
function namedPaths(source: Source, stepTypes: readonly StepLanguage[]): NamedPath[] {
  const known = named.get(source);
  if (known?.stepTypes === stepTypes) return known.paths;
  const paths = findPaths(source, stepTypes);
  named.set(source, { stepTypes, paths });
  return paths;
}

function findPaths(source: Source, stepTypes: readonly StepLanguage[]): NamedPath[] {
  const value = readSource(source).located?.value;
  const inSteps = (steps: readonly unknown[]): NamedPath[] =>
    steps.flatMap((step) => {
      if (!isMap(step)) return [];
      const { uses } = step;
      const used = typeof uses === 'string' && USES_PATTERN.test(uses) ? [{ path: uses, isUsed: true }] : [];
      const written = stepTypes.flatMap(({ type, references }) => (Object.hasOwn(step, type) ? (references?.(step[type]) ?? []) : []));
      const files = written.filter(({ file }) => !hasExpression(file)).map(({ file }) => ({ path: file, isUsed: false }));
      return [...used, ...files, ...inSteps(listAt(step, 'parallel'))];
    });
  return ['steps', 'finally'].flatMap((list) => inSteps(listAt(value, list)));
}
