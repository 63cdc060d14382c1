// `sim schema`: the JSON Schemas of playbooks and of the operator's configuration, for editors.
import { Argument, Command } from 'commander';
import type { Catalogue } from '../alerts/catalogue.ts';
import type { JsonSchema, StepLanguage } from '../language/definition.ts';
import { publishedSchema } from '../language/published-schema.ts';
import type { Files } from '../ports/files.ts';
import { suggestionsOf } from '../reference/suggestions.ts';

/** What `sim schema` needs of the world. */
export interface SchemaDependencies {
  files: Pick<Files, 'read' | 'write'>;
  steps: readonly StepLanguage[];
  catalogue(): Promise<Catalogue>;
  configuration(): Promise<JsonSchema>;
  stdout(text: string): void;
  stderr(text: string): void;
  setExitCode(code: number): void;
}

const DOCUMENTS = ['playbook', 'configuration'] as const;
type Document = (typeof DOCUMENTS)[number];

const fileOf = (document: Document): string => `schemas/${document}.schema.json`;

const asText = (schema: JsonSchema): string => `${JSON.stringify(schema, null, 2)}\n`;

/** The schema as it is written to the file. */
export const schemaText = (steps: readonly StepLanguage[], alerts: Catalogue): string =>
  asText(publishedSchema(steps, suggestionsOf(alerts)));

/** Exit codes: 0 printed, written or current; 1 the file is not current; 2 it cannot be read or written. */
export function schemaCommand({ files, steps, catalogue, configuration, stdout, stderr, setExitCode }: SchemaDependencies): Command {
  return new Command('schema')
    .description('Print the JSON Schema of playbooks, or of the configuration, for editors')
    .addArgument(new Argument('[document]', 'of what').choices(DOCUMENTS).default('playbook'))
    .option('--check [file]', 'only say whether a file is current (default: schemas/<document>.schema.json)')
    .option('--write [file]', 'write it to a file (default: schemas/<document>.schema.json)')
    .action(async (document: Document, { check, write }: { check?: string | true; write?: string | true }) => {
      const text = document === 'playbook' ? schemaText(steps, await catalogue()) : asText(await configuration());
      const usual = fileOf(document);
      try {
        if (write !== undefined) await files.write(write === true ? usual : write, text);
        else if (check === undefined) stdout(text);
        else {
          const file = check === true ? usual : check;
          const current = (await files.read(file)) === text;
          const again = document === 'playbook' ? 'sim schema --write' : `sim schema ${document} --write`;
          if (!current) stderr(`sim schema: ${file} is not current: write it anew with \`${again}\`\n`);
          setExitCode(current ? 0 : 1);
        }
      } catch (error) {
        stderr(`sim schema: ${error instanceof Error ? error.message : String(error)}\n`);
        setExitCode(2);
      }
    });
}
