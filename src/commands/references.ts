// What stands at the paths that a playbook names, read before it is linted or run.
import { dirname, join } from 'node:path';
import type { StepLanguage } from '../language/definition.ts';
import { lookAtReferences } from '../language/named-paths.ts';
import type { Referenced, References } from '../language/references.ts';
import type { Source } from '../language/source.ts';
import { Failure } from '../ports/failure.ts';
import type { Files } from '../ports/files.ts';

/** The files, charts and manifests that the playbook and the files it uses name. The source's name is the path of its file. */
export function referencesOf(source: Source, steps: readonly StepLanguage[], files: Pick<Files, 'read' | 'list'>): Promise<References> {
  return lookAtReferences(source, steps, (path) => look(join(dirname(source.name), path), files));
}

async function look(path: string, files: Pick<Files, 'read' | 'list'>): Promise<Referenced> {
  const names = await files.list(path).catch(() => []);
  if (names.length > 0) return { kind: 'folder', names };
  try {
    return { kind: 'file', text: await files.read(path) };
  } catch (error) {
    if (error instanceof Failure) return { kind: 'absent' };
    throw error;
  }
}
