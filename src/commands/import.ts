// `sim import`: playbooks from what others have written. Today that is atomic-red-team.
import { basename, join } from 'node:path';
import { cwd } from 'node:process';
import { Command } from 'commander';
import { localCheckout } from '../adapters/checkout.ts';
import { localFiles } from '../adapters/files.ts';
import type { Catalogue } from '../alerts/catalogue.ts';
import { type Imported, importTest, playbookNameOf } from '../import/atomic.ts';
import { type AtomicFile, type NumberedTest, readAtomicFile } from '../import/atomic-file.ts';
import type { Diagnostic } from '../language/diagnostic.ts';
import { locate, type Source } from '../language/source.ts';
import { nearest } from '../language/suggest.ts';
import type { Files } from '../ports/files.ts';
import { safe } from '../reporters/format.ts';
import { lintText } from '../reporters/lint/text.ts';
import { lint } from '../rules/lint.ts';
import { stepTypes } from '../steps/index.ts';
import { loadCatalogue, packageFolder, pathTo } from './package-files.ts';
import { decoded, LARGEST_FILE, sourceOf } from './read-source.ts';
import type { Session } from './session.ts';
import { UsageError } from './usage-error.ts';

interface AtomicOptions {
  test?: string;
  output?: string;
  dir: string;
  image: string;
  force?: true;
}

const IMAGE = 'ghcr.io/microsoft/defender-for-cloud/attacksimulation/victim:latest';

export function importCommand(session: Session): Command {
  return new Command('import').description('Write playbooks from attacks that others have described').addCommand(atomicCommand(session));
}

function atomicCommand(session: Session): Command {
  return new Command('atomic')
    .description("Write a playbook for each of an atomic-red-team file's tests for Linux or containers")
    .argument('<file>', 'atomics/T*/T*.yaml of atomic-red-team; - reads standard input')
    .option('-t, --test <test>', 'only this test: its name, GUID or number')
    .option('-o, --output <file>', 'file to write, where it is one test; - prints it')
    .option('--dir <folder>', 'folder to write to', 'playbooks')
    .option('--image <image>', 'image that the test runs in, the default of the input victimImage', IMAGE)
    .option('-f, --force', 'overwrite files that are there')
    .addHelpText(
      'after',
      `
Examples:
  sim import atomic T1087.001.yaml                         a playbook for each test
  sim import atomic T1087.001.yaml --test 2 -o users.yaml  one test, in a file of this name

Exit codes: 0 something was imported, 1 no test could be, 2 usage, or the file cannot be read.`,
    )
    .action(async (name: string, options: AtomicOptions) => session.setExitCode(await importAtomic(name, options, session)));
}

interface Writing {
  numbered: NumberedTest;
  /** `-` is standard output. */
  file: string;
  text: string;
  notes: string[];
}

async function importAtomic(name: string, options: AtomicOptions, session: Session): Promise<number> {
  const source = await readSource(name, session);
  const read = readAtomicFile(source.text);
  if (read.file === undefined) throw noAtomics(source, read.diagnostics, session);
  const { tests, invalid } = options.test === undefined ? read.file : chosen(read.file, options.test);
  if (options.output !== undefined && tests.length + invalid.length > 1)
    throw new UsageError(`${name} holds ${tests.length + invalid.length} tests, and --output names one file`, {
      hint: 'choose one with --test',
    });
  const files = localFiles();
  const catalogue = await loadCatalogue(files);
  const results = tests.map((numbered) => ({ numbered, ...resultOf(numbered, options, catalogue) }));
  const writings = results.flatMap(({ numbered, file, imported }): Writing[] =>
    'text' in imported ? [{ numbered, file, ...imported }] : [],
  );
  await write(writings, options, { files, stdout: session.stdout });
  const say = options.output === '-' ? session.stderr : session.stdout;
  for (const writing of writings) say(importedText(writing, catalogue));
  for (const { numbered, imported } of results)
    if ('refused' in imported) say(safe(`refused test ${numbered.number}, ${numbered.test.name}: ${imported.refused}\n`));
  for (const { number, name: test, diagnostics } of invalid) {
    say(safe(`refused test ${number}, ${test}: it is not as the format asks\n`));
    say(lintText({ findings: locate(source, diagnostics), colour: session.colour }));
  }
  const refused = tests.length + invalid.length - writings.length;
  say(`${writings.length} imported, ${refused} refused\n`);
  return writings.length > 0 ? 0 : 1;
}

/** The file, which somebody else has written: no pipe, nothing large, nothing outside of its checkout. Throws UsageError. */
async function readSource(name: string, session: Session): Promise<Source> {
  const checkout = localCheckout(cwd(), packageFolder);
  const read =
    name === '-'
      ? decoded(name, await session.readStdin(LARGEST_FILE + 1))
      : sourceOf(name, await checkout.look(name, { root: await checkout.rootOf(name), limit: LARGEST_FILE }));
  if (read === undefined) throw new UsageError(`there is no file ${name}`);
  if (read.problem !== undefined) throw noAtomics(read.source, [read.problem], session);
  return read.source;
}

const noAtomics = (source: Source, diagnostics: readonly Diagnostic[], { errorColour }: Session): UsageError =>
  new UsageError(`${source.name} is no file of atomic tests`, {
    findings: lintText({ findings: locate(source, diagnostics), colour: errorColour }),
  });

/** The one test with this number, GUID or name. Throws UsageError. */
function chosen({ tests, invalid }: AtomicFile, wanted: string): AtomicFile {
  const isIt = (number: number, guid: string | undefined, name: string) =>
    wanted === String(number) || wanted.toLowerCase() === guid?.toLowerCase() || wanted.toLowerCase() === name.toLowerCase();
  const found = {
    tests: tests.filter(({ number, test }) => isIt(number, test.auto_generated_guid, test.name)).slice(0, 1),
    invalid: invalid.filter(({ number, guid, name }) => isIt(number, guid, name)).slice(0, 1),
  };
  if (found.tests.length + found.invalid.length > 0) return found;
  const names = [...tests.map(({ test }) => test.name), ...invalid.map(({ name }) => name)];
  const meant = nearest(wanted, names);
  throw new UsageError(`there is no test \`${wanted}\``, {
    hint: meant === undefined ? `there are ${names.length}, by number, GUID or name` : `did you mean \`${meant}\`?`,
  });
}

function resultOf(
  numbered: NumberedTest,
  { output, dir, image }: AtomicOptions,
  catalogue: Catalogue,
): { file: string; imported: Imported } {
  const isNamed = output !== undefined && output !== '-';
  const name = isNamed ? basename(output).replace(/\.ya?ml$/, '') : playbookNameOf(numbered);
  if (isNamed && (!/\.ya?ml$/.test(output) || !/^[a-z]([a-z0-9-]*[a-z0-9])?$/.test(name) || name.length > 63))
    throw new UsageError(`${output} cannot be a playbook's file`, {
      hint: 'its name begins with a small letter, holds only small letters, digits and `-`, at most 63, and ends in .yaml',
    });
  const file = output ?? join(dir, `${name}.yaml`);
  const schema = pathTo('schemas/playbook.schema.json', file);
  return { file, imported: importTest(numbered, { name, schema, image, alerts: [...catalogue.values()] }) };
}

/** Nothing is written where one of the files is there already. */
async function write(
  writings: readonly Writing[],
  { force }: AtomicOptions,
  { files, stdout }: { files: Files; stdout(text: string): void },
): Promise<void> {
  for (const { file } of writings)
    if (!force && file !== '-' && (await files.exists(file)))
      throw new UsageError(`${file} is there already`, { hint: 'overwrite it with --force' });
  for (const { file, text } of writings)
    if (file === '-') stdout(text);
    else await files.write(file, text);
}

/** What was made of a test, what to know about it, and what lint finds in it. */
function importedText({ numbered: { number, test }, file, text, notes }: Writing, catalogue: Catalogue): string {
  const source: Source = { name: file, text };
  const { diagnostics } = lint(source, { steps: stepTypes, catalogue: [...catalogue.keys()] });
  const findings = locate(source, diagnostics).filter(({ severity }) => severity !== 'info');
  return safe(
    [
      `imported test ${number}, ${test.name}${file === '-' ? '' : `: ${file}`}`,
      ...notes.map((note) => `  note: ${note}`),
      ...findings.map(({ line, column, severity, rule, message }) => `  lint ${severity} at ${line}:${column}: ${message} [${rule}]`),
    ]
      .map((line) => `${line.replace(/\s+$/, '')}\n`)
      .join(''),
  );
}
