// Manifest files: all documents of a YAML text, read as Kubernetes' own tools read them.
import { parseAllDocuments, type Tags } from 'yaml';

/** Go's YAML libraries read YAML 1.1 without its times of day and dates: 0644 is octal, `yes` is true, 22:22 stays text. */
const asGo = (tags: Tags): Tags =>
  tags.filter(
    (tag) => typeof tag === 'string' || !(('format' in tag && tag.format === 'TIME') || tag.tag === 'tag:yaml.org,2002:timestamp'),
  );

/** The values of all documents that hold something; `problem` says in a sentence why the text cannot be read, and then there are none. Never throws. */
export function readDocuments(text: string): { documents: unknown[]; problem?: string } {
  try {
    const parsed = parseAllDocuments(text, { version: '1.1', customTags: asGo, logLevel: 'silent' });
    const documents = Array.isArray(parsed) ? parsed : [];
    for (const { errors } of documents) if (errors[0] !== undefined) return { documents: [], problem: firstLine(errors[0].message) };
    return { documents: documents.map((document): unknown => document.toJS()).filter((value) => value !== null && value !== undefined) };
  } catch (error) {
    // Aliases without end, and nesting without end.
    return { documents: [], problem: firstLine(error instanceof Error ? error.message : String(error)) };
  }
}

const firstLine = (text: string): string => text.split('\n', 1)[0]?.replace(/:$/, '') ?? '';
