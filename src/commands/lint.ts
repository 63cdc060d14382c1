// `sim lint`: every finding in the playbooks, with its place.
import { createHash } from 'node:crypto';
import { relative, resolve, sep } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { fixAll } from '../language/fix.ts';
import type { Finding, Source } from '../language/source.ts';
import type { Checkout } from '../ports/checkout.ts';
import { Failure } from '../ports/failure.ts';
import type { Files } from '../ports/files.ts';
import type { Git } from '../ports/git.ts';
import { type LintFormat, lintFormats } from '../reporters/lint/index.ts';
import { lintSummary } from '../reporters/lint/text.ts';
import { lint, ruleInfos } from '../rules/lint.ts';
import type { StepDefinition } from '../steps/step.ts';
import { type Linted, type LintWorld, lintText } from './lint-file.ts';
import { checkedOf, type HelperOptions, type LintHelper, lintMany, lintSome, MANY, repeatedIds } from './lint-many.ts';
import { findTargets, type Target } from './lint-paths.ts';
import { type LintSettings, lintSettings } from './lint-settings.ts';
import { decoded, LARGEST_FILE } from './read-source.ts';
import { UsageError } from './usage-error.ts';

/** What `sim lint` needs of the world. */
export interface LintDependencies {
  /** The working directory, absolute. */
  folder: string;
  checkout: Checkout;
  files: Pick<Files, 'write'>;
  git: Git;
  steps: readonly StepDefinition[];
  /** Ids of the alerts/ catalogue; undefined where there is none at hand. */
  catalogue(): Promise<readonly string[] | undefined>;
  /** At least `limit` bytes of standard input, where it has so many. */
  readStdin(limit: number): Promise<Uint8Array>;
  stdout(text: string): void;
  stderr(text: string): void;
  /** Whether stdout shows colours. */
  colour: boolean;
  /** Of this program. */
  version: string;
  /** Threads that help with many files; absent: there are none. */
  helpers?(options: HelperOptions): Promise<LintHelper[]>;
  setExitCode(code: number): void;
}

interface LintOptions {
  format?: LintFormat;
  output?: LintFormat;
  outputFile?: string;
  fix?: true;
  changed?: string;
  config?: string;
  inlineDisable: boolean;
  maxWarnings?: number;
  quiet?: true;
  stdinFilename?: string;
}

/** Exit codes: 0 nothing found, 1 errors or more warnings than allowed, 2 a path that leads nowhere, or wrong usage. */
export function lintCommand(dependencies: LintDependencies): Command {
  const formats = Object.keys(lintFormats);
  const count = (value: string) => {
    if (!/^\d{1,6}$/.test(value)) throw new InvalidArgumentError('It must be a whole number.');
    return Number(value);
  };
  return new Command('lint')
    .description('Check playbooks and detection rules without running them, and print every finding with its place')
    .argument(
      '[path...]',
      'playbooks, detection rules, folders, globs; - reads standard input; without any: playbooks/, else the whole folder',
    )
    .addOption(new Option('-f, --format <format>', 'how findings are printed (default: text)').choices(formats))
    .addOption(new Option('-o, --output <format>', 'same as --format').choices(formats))
    .option('--output-file <file>', 'write them to a file instead of standard output')
    .option('--changed <base>', 'only files that changed since the checkout left this branch or commit (asks git)')
    .option('--fix', 'mend what has only one right answer, and report the rest')
    .option('--max-warnings <n>', 'how many warnings are no failure (default: 0)', count)
    .option('-q, --quiet', 'report errors only')
    .option('--config <file>', 'the one configuration that holds: no .sim-lint.yaml of the checkout is read')
    .option('--no-inline-disable', 'give comments that switch rules off no effect')
    .option('--stdin-filename <name>', 'what standard input is called')
    .addHelpText(
      'after',
      `
Examples:
  sim lint                                  every playbook in playbooks/
  sim lint playbooks 'more/**/*.yaml'       folders and globs
  sim lint --changed origin/main --format github --config /etc/sim-lint.yaml
                                            a pull request, whose own configuration does not count

Exit codes: 0 nothing found, 1 errors or more warnings than --max-warnings, 2 a path that leads nowhere, or wrong usage.`,
    )
    .action(async (paths: string[], options: LintOptions) => dependencies.setExitCode(await run(paths, options, dependencies)));
}

async function run(typed: readonly string[], options: LintOptions, dependencies: LintDependencies): Promise<number> {
  const { folder, checkout, steps, stderr } = dependencies;
  if (options.format !== undefined && options.output !== undefined && options.format !== options.output)
    throw new UsageError('--format and --output name two formats: give one');
  const stdin = typed.includes('-');
  if (stdin && (options.fix || options.changed !== undefined))
    throw new UsageError(`standard input cannot be ${options.fix ? 'mended with --fix' : 'compared with --changed'}`);
  const { config, inlineDisable: comments } = options;
  const chosen = { folder, comments, ...(config === undefined ? {} : { pinned: config }) };
  const settings = await lintSettings({ checkout, ...chosen });
  const catalogue = await dependencies.catalogue();
  const known = catalogue === undefined ? {} : { catalogue };
  const world: LintWorld = { checkout, settings, context: { steps, ...known } };

  const { targets, missing } = await chooseTargets(typed, options, settings, dependencies);
  let fixed = 0;
  const mendEach = async (linted: Linted) => {
    if (options.fix) fixed += await mend(linted, dependencies);
  };
  const typedIn = stdin ? [checkedOf(await lintStdin(options, world, dependencies))] : [];
  const some =
    options.fix || targets.length < MANY
      ? await lintSome(targets, world, mendEach)
      : await lintMany(targets, world, (await dependencies.helpers?.({ ...chosen, ...known })) ?? []);
  const checked = [...typedIn, ...some.checked];
  const files = checked.map(({ file }) => file);
  const findings = [...checked.flatMap((each) => each.findings), ...repeatedIds(checked), ...some.configurations];

  for (const path of missing) stderr(`sim lint: ${JSON.stringify(path)} ${/[*?[{]/.test(path) ? 'matches no file' : 'does not exist'}\n`);
  if (files.length === 0 && missing.length === 0 && options.changed === undefined) {
    stderr(`sim lint: there is no playbook in ${(typed.length > 0 ? typed : await settings.defaultPaths()).join(', ')}\n`);
    return 2;
  }
  await report({ findings, files, fixed }, options, dependencies);
  if (missing.length > 0) return 2;
  return exitCode(findings, options, stderr);
}

/** The files to check: those of the paths, and with `--changed` only those among them that git names. */
async function chooseTargets(
  typed: readonly string[],
  { changed }: LintOptions,
  settings: LintSettings,
  { folder, checkout, git }: LintDependencies,
): Promise<{ targets: Target[]; missing: string[] }> {
  const paths = typed.length > 0 ? typed.filter((path) => path !== '-') : await settings.defaultPaths();
  const found = await findTargets(paths, checkout);
  if (changed === undefined) return found;
  const absolute = found.targets.map(({ file }) => resolve(folder, file));
  const names = new Set(
    await git.changedSince(changed, absolute).catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error;
      const { hint } = error.details;
      throw new UsageError(error.message, hint === undefined ? {} : { hint });
    }),
  );
  return { targets: found.targets.filter(({ file }) => names.has(resolve(folder, file))), missing: found.missing };
}

async function lintStdin({ stdinFilename: name = '-' }: LintOptions, world: LintWorld, { readStdin }: LintDependencies): Promise<Linted> {
  const { policy } = await world.settings.policyOf(name, true);
  return await lintText(decoded(name, await readStdin(LARGEST_FILE + 1)), policy, world);
}

/** Makes the fixes of a file, there and in what is reported of it. Returns how many there were. */
async function mend(linted: Linted, { files }: LintDependencies): Promise<number> {
  const { with: conditions, place } = linted;
  if (conditions === undefined || place === undefined) return 0;
  const check = (source: Source) => lint(source, conditions.context, conditions.policy).diagnostics;
  const { source, fixed } = fixAll(linted.source, check);
  if (fixed === 0) return 0;
  await files.write(place.path, source.text, { mode: place.mode });
  linted.source = source;
  linted.diagnostics = check(source);
  return fixed;
}

async function report(
  { findings, files, fixed }: { findings: Finding[]; files: readonly string[]; fixed: number },
  { format, output, outputFile, quiet }: LintOptions,
  { folder, checkout, colour, version, stdout, stderr, files: disk }: LintDependencies,
): Promise<void> {
  const shown = (quiet ? findings.filter(({ severity }) => severity === 'error') : findings).sort(byPlace);
  const chosen = format ?? output ?? 'text';
  const root = await checkout.rootOf(folder);
  const text = lintFormats[chosen]({
    findings: shown,
    files,
    rules: ruleInfos,
    version,
    colour: colour && outputFile === undefined,
    pathOf: (file) => relative(root, resolve(folder, file)).split(sep).join('/'),
    digest: (content) => createHash('sha256').update(content).digest('hex'),
  });
  if (outputFile !== undefined) await disk.write(resolve(folder, outputFile), text);
  else if (text !== '') stdout(text);
  if (chosen === 'text' || chosen === 'github' || outputFile !== undefined) stderr(`${lintSummary(shown, files.length, fixed)}\n`);
}

function exitCode(findings: readonly Finding[], { quiet, maxWarnings }: LintOptions, stderr: (text: string) => void): number {
  if (findings.some(({ severity }) => severity === 'error')) return 1;
  if (quiet && maxWarnings === undefined) return 0;
  const warnings = findings.filter(({ severity }) => severity === 'warning').length;
  if (warnings <= (maxWarnings ?? 0)) return 0;
  if (maxWarnings !== undefined) stderr(`sim lint: more than ${maxWarnings} warnings\n`);
  return 1;
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byPlace = (a: Finding, b: Finding): number =>
  order(a.file, b.file) || a.line - b.line || a.column - b.column || order(a.rule, b.rule);
