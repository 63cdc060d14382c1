// Files that steps name, with what stands there, and the objects in them.
import { readDocuments } from '../language/documents.ts';
import type { Path, Playbook } from '../language/playbook.ts';
import { type FileReference, joinPath, type Referenced } from '../language/references.ts';
import { allSteps } from '../language/step-tree.ts';
import { hasExpression } from '../language/template.ts';
import { isMap, listAt, type Mapping } from '../language/untyped.ts';
import type { RuleContext } from './rule.ts';

interface NamedFile {
  /** Place of the name in the playbook. */
  path: Path;
  /** As it is written. */
  file: string;
  kind: FileReference['kind'];
  found: Referenced;
}

/** Every file that a step names and that was looked for; names with an expression are not known. */
export function filesIn(playbook: Playbook, { steps, references }: RuleContext): NamedFile[] {
  if (references === undefined) return [];
  return allSteps(playbook).flatMap(({ path, type, body }) => {
    const named = isMap(body) ? (steps.find((each) => each.type === type)?.references?.(body) ?? []) : [];
    return named.flatMap(({ file, kind, path: inside }) => {
      const found = hasExpression(file) ? undefined : references.get(joinPath(playbook.folder, file));
      return found === undefined ? [] : [{ path: [...path, type, ...inside], file, kind, found }];
    });
  });
}

/** What a manifest's text holds, lists taken apart; `problem` says why it cannot be read. */
export function documentsOf(text: string): { documents: unknown[]; problem?: string } {
  const { documents, problem } = readDocuments(text);
  return { documents: documents.flatMap(itemsOf), ...(problem === undefined ? {} : { problem }) };
}

const itemsOf = (document: unknown): unknown[] =>
  isMap(document) && document.kind === 'List' && Array.isArray(document.items) ? listAt(document, 'items').flatMap(itemsOf) : [document];

/** The Kubernetes objects in a manifest's text. */
export const objectsInText = (text: string): Mapping[] =>
  documentsOf(text).documents.filter(
    (each): each is Mapping => isMap(each) && typeof each.apiVersion === 'string' && typeof each.kind === 'string',
  );
