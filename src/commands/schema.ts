// `sim schema`: the JSON Schemas of playbooks, detection rules, alerts of the catalogue and the operator's configuration, for editors.
import { Argument, Command } from 'commander';
import { alertSchema } from '../alerts/alert-schema.ts';
import type { Catalogue } from '../alerts/catalogue.ts';
import { detectionSchema } from '../detector/detection-schema.ts';
import type { JsonSchema, StepLanguage } from '../language/definition.ts';
import { publishedPlainSchema, publishedSchema } from '../language/published-schema.ts';
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

/** What there are schemas of, and where they stand. */
const FILES = {
  playbook: 'schemas/playbook.schema.json',
  detection: 'schemas/detection.schema.json',
  alert: 'schemas/alert.schema.json',
  configuration: 'schemas/configuration.schema.json',
} as const;
type What = keyof typeof FILES;
const ALL = Object.keys(FILES) as What[];

/** The schema of playbooks as it is written to the file. */
export const schemaText = (steps: readonly StepLanguage[], alerts: Catalogue): string =>
  textOf(publishedSchema(steps, suggestionsOf(alerts)));

/** That of detection rules. */
export const detectionSchemaText = (alerts: Catalogue): string =>
  textOf(
    publishedPlainSchema(
      'kubesim detection rule',
      'A rule of the reference detector: what it finds in what sensors observed, and the alert that it raises.',
      detectionSchema,
      suggestionsOf(alerts),
    ),
  );

const textOf = (schema: JsonSchema): string => `${JSON.stringify(schema, null, 2)}\n`;

/** Exit codes: 0 printed, written or current; 1 a file is not current; 2 it cannot be read or written. */
export function schemaCommand({ files, steps, catalogue, configuration, stdout, stderr, setExitCode }: SchemaDependencies): Command {
  const textOfOne = async (what: What): Promise<string> => {
    if (what === 'configuration') return textOf(await configuration());
    if (what === 'alert') return textOf(alertSchema);
    return what === 'playbook' ? schemaText(steps, await catalogue()) : detectionSchemaText(await catalogue());
  };
  return new Command('schema')
    .description('Print the JSON Schema of playbooks, detection rules, alerts of the catalogue or the configuration, for editors')
    .addArgument(new Argument('[what]', 'whose schema (default: playbook; with --write or --check and no file: each)').choices(ALL))
    .option('--check [file]', `only say whether a file is current (default: ${FILES.playbook} and the like)`)
    .option('--write [file]', `write it to a file (default: ${FILES.playbook} and the like)`)
    .action(async (what: What | undefined, { check, write }: { check?: string | true; write?: string | true }) => {
      const file = write ?? check;
      const chosen: What[] = what === undefined && file === true ? ALL : [what ?? 'playbook'];
      try {
        if (file === undefined) stdout(await textOfOne(what ?? 'playbook'));
        else
          for (const each of chosen) {
            const path = file === true ? FILES[each] : file;
            const text = await textOfOne(each);
            if (write !== undefined) await files.write(path, text);
            else if ((await files.read(path)) !== text) {
              stderr(`sim schema: ${path} is not current: write it anew with \`sim schema ${each} --write\`\n`);
              setExitCode(1);
            }
          }
      } catch (error) {
        stderr(`sim schema: ${error instanceof Error ? error.message : String(error)}\n`);
        setExitCode(2);
      }
    });
}
