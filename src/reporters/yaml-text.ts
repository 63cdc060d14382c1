// Values as YAML, for people to read and for kubectl to take.
import { stringify } from 'yaml';

/** A value as a block, without the last line break. */
export const yamlText = (value: unknown): string => stringify(value, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd();

/** Each value as a document of its own. */
export const yamlDocuments = (values: readonly unknown[]): string => values.map((value) => `---\n${yamlText(value)}\n`).join('');
