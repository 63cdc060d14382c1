// `sim lint`: every finding in the playbooks, with its place.
import { Command, Option } from 'commander';
import { type Finding, locate } from '../language/source.ts';
import type { Files } from '../ports/files.ts';
import { lintSummary, lintText } from '../reporters/lint-text.ts';
import { lint } from '../rules/lint.ts';
import type { StepDefinition } from '../steps/step.ts';
import { referencesOf } from './references.ts';

/** What `sim lint` needs of the world. */
export interface LintDependencies {
  files: Pick<Files, 'read' | 'list'>;
  steps: readonly StepDefinition[];
  /** Ids of the alerts/ catalogue; undefined where there is none at hand. */
  catalogue(): Promise<readonly string[] | undefined>;
  readStdin(): Promise<string>;
  stdout(text: string): void;
  stderr(text: string): void;
  /** Whether stdout shows colours. */
  colour: boolean;
  setExitCode(code: number): void;
}

/** Exit codes: 0 nothing found, 1 errors or warnings, 2 a file could not be read (or wrong usage). */
export function lintCommand(dependencies: LintDependencies): Command {
  return new Command('lint')
    .description('Check playbooks without running them, and print every finding with its place')
    .argument('<file...>', 'playbooks; - reads standard input')
    .addOption(new Option('-o, --output <format>', 'how findings are printed').choices(['text', 'json']).default('text'))
    .addHelpText('after', '\nExit codes: 0 nothing found, 1 findings, 2 a file could not be read.')
    .action(async (names: string[], { output }: { output: 'text' | 'json' }) => {
      dependencies.setExitCode(await lintFiles(names, output, dependencies));
    });
}

async function lintFiles(names: readonly string[], output: 'text' | 'json', dependencies: LintDependencies): Promise<number> {
  const { files, steps, readStdin, stdout, stderr, colour } = dependencies;
  const catalogue = await dependencies.catalogue();
  const findings: Finding[] = [];
  let unreadable = 0;
  for (const name of new Set(names)) {
    let text: string;
    try {
      text = name === '-' ? await readStdin() : await files.read(name);
    } catch (error) {
      unreadable++;
      stderr(`sim lint: ${error instanceof Error ? error.message : String(error)}\n`);
      continue;
    }
    const source = { name, text };
    const references = await referencesOf(source, steps, files);
    findings.push(...locate(source, lint(source, { steps, references, ...(catalogue === undefined ? {} : { catalogue }) }).diagnostics));
  }
  if (output === 'json') stdout(`${JSON.stringify({ version: 1, findings }, null, 2)}\n`);
  else if (findings.length > 0) stdout(lintText(findings, { colour }));
  if (output === 'text') stderr(`${lintSummary(findings, new Set(names).size - unreadable)}\n`);
  if (unreadable > 0) return 2;
  return findings.some(({ severity }) => severity !== 'info') ? 1 : 0;
}
