// `sim schema`: the JSON Schema of playbooks, for editors.
import { Command } from 'commander';
import type { Catalogue } from '../alerts/catalogue.ts';
import type { StepLanguage } from '../language/definition.ts';
import { publishedSchema } from '../language/published-schema.ts';
import type { Files } from '../ports/files.ts';
import { suggestionsOf } from '../reference/suggestions.ts';

/** What `sim schema` needs of the world. */
export interface SchemaDependencies {
  files: Pick<Files, 'read' | 'write'>;
  steps: readonly StepLanguage[];
  catalogue(): Promise<Catalogue>;
  stdout(text: string): void;
  stderr(text: string): void;
  setExitCode(code: number): void;
}

const FILE = 'schemas/playbook.schema.json';

/** The schema as it is written to the file. */
export const schemaText = (steps: readonly StepLanguage[], alerts: Catalogue): string =>
  `${JSON.stringify(publishedSchema(steps, suggestionsOf(alerts)), null, 2)}\n`;

/** Exit codes: 0 printed, written or current; 1 the file is not current; 2 it cannot be read or written. */
export function schemaCommand({ files, steps, catalogue, stdout, stderr, setExitCode }: SchemaDependencies): Command {
  return new Command('schema')
    .description('Print the JSON Schema of playbooks, for editors')
    .option('--check [file]', `only say whether a file is current (default: ${FILE})`)
    .option('--write [file]', `write it to a file (default: ${FILE})`)
    .action(async ({ check, write }: { check?: string | true; write?: string | true }) => {
      const text = schemaText(steps, await catalogue());
      try {
        if (write !== undefined) await files.write(write === true ? FILE : write, text);
        else if (check === undefined) stdout(text);
        else {
          const file = check === true ? FILE : check;
          const current = (await files.read(file)) === text;
          if (!current) stderr(`sim schema: ${file} is not current: write it anew with \`sim schema --write\`\n`);
          setExitCode(current ? 0 : 1);
        }
      } catch (error) {
        stderr(`sim schema: ${error instanceof Error ? error.message : String(error)}\n`);
        setExitCode(2);
      }
    });
}
