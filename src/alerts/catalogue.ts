// The alerts/ catalogue in memory: what each behaviour is called by each product.
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse, YAMLParseError } from 'yaml';
import type { Capability, Severity } from '../ports/alerts.ts';
import { Failure } from '../ports/failure.ts';
import { alertSchema } from './alert-schema.ts';

export interface AlertType {
  id: string;
  evidence: 'published' | 'observed' | 'inferred';
}

export interface AlertRule {
  name: string;
  maturity?: 'stable' | 'incubating' | 'sandbox' | 'deprecated';
}

/** What one product calls the behaviour. */
export interface ProductAlert {
  names?: string[];
  types?: AlertType[];
  rules?: AlertRule[];
  /** Where it is something else than the entry says. */
  needs?: Capability[];
  severity?: Severity;
  delay?: string;
  /** The same as a duration of the playbook language: the longest that is usual. */
  longest?: string;
  /** Display names by which the product says that it stopped what it saw. */
  blocks?: string[];
  preconditions?: string[];
}

export interface AlertEntry {
  id: string;
  title: string;
  description: string;
  attack: string[];
  /** What a source must see for this, each of them. */
  needs: Capability[];
  products: Record<string, ProductAlert>;
}

/** Entries by id. */
export type Catalogue = ReadonlyMap<string, AlertEntry>;

const validate = new Ajv2020({ allErrors: true, strict: true, strictRequired: false }).compile<AlertEntry>(alertSchema);

/**
 * Reads the catalogue from the texts of its files, `name` being the file's name ("drift-binary.yaml").
 * Throws Failure invalid that names the file and every fault in it.
 */
export function parseCatalogue(files: readonly { name: string; text: string }[]): Catalogue {
  return new Map(files.map((file) => parseEntry(file)).map((entry) => [entry.id, entry]));
}

function parseEntry({ name, text }: { name: string; text: string }): AlertEntry {
  const entry = parseText(name, text);
  if (!validate(entry)) {
    const faults = (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || '/'} ${message}`);
    throw new Failure('invalid', `alert ${name}: ${faults.join('; ')}`);
  }
  if (name !== `${entry.id}.yaml`) throw new Failure('invalid', `alert ${name}: its id is \`${entry.id}\`, which is not the file's name`);
  return entry;
}

function parseText(name: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof YAMLParseError) throw new Failure('invalid', `alert ${name}: ${error.message}`, { cause: error });
    throw error;
  }
}
