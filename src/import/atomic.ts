// An atomic test becomes the text of a playbook, or a reason why it cannot.
import type { AtomicDependency, AtomicTest, NumberedTest } from './atomic-file.ts';
import { type ImportedArgument, importArguments, oneLine } from './inputs.ts';
import { needsOf } from './needs.ts';
import { type PlaybookStep, type PlaybookText, playbookText } from './playbook-text.ts';
import { type RewrittenScript, rewriteArguments } from './shell-arguments.ts';

/** An alert of the catalogue, as far as it is chosen by technique. */
export interface KnownAlert {
  id: string;
  attack: readonly string[];
}

export interface ImportOptions {
  /** The playbook's name. */
  name: string;
  /** Path of the playbooks' JSON Schema, for editors. */
  schema: string;
  /** Default of the input `victimImage`. */
  image: string;
  alerts: readonly KnownAlert[];
}

/** `notes`: sentences for whoever imports it. */
export type Imported = { text: string; notes: string[] } | { refused: string };

/** Where PathToAtomicsFolder is in the pod. */
const ATOMICS_FOLDER = '/tmp/AtomicRedTeam/atomics';

/** As the other playbooks name it, so that the lab puts its own image there. */
const IMAGE_INPUT = 'victimImage';

const SHELLS = ['sh', 'bash'];

/** Characters of a test's scripts together, every argument written out: an argument that is long and used often would make a huge text of a small file. */
const LONGEST_SCRIPTS = 128 * 1024;
const LONGEST_DESCRIPTION = 10_000;

/** "t1087-001-2-list-users": the technique, the number and the name of the test, cut between words to what a playbook's name may be. */
export function playbookNameOf({ technique, number, test }: NumberedTest): string {
  const words = test.name.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  let name = `${technique.toLowerCase().replace('.', '-')}-${number}`;
  for (const word of words) {
    if (name.length + 1 + word.length > 63) break;
    name += `-${word}`;
  }
  return name;
}

/** The whole playbook of a test. Its scripts read the arguments from their environment (shell-arguments.ts), so that no value becomes program. */
export function importTest(numbered: NumberedTest, { name, schema, image, alerts }: ImportOptions): Imported {
  const { technique, number, test } = numbered;
  const reason = refusal(test);
  if (reason !== undefined) return { refused: reason };
  const { executor } = test;
  const dependencies = test.dependencies ?? [];
  const original = [
    executor.command,
    executor.cleanup_command,
    ...dependencies.flatMap((each) => [each.prereq_command, each.get_prereq_command]),
  ].map((script) => inFolder(tidy(script)));
  const given = argumentsOf(test);
  if (lengthOf(original, given) > LONGEST_SCRIPTS) return { refused: 'its scripts are longer than 128 KiB' };
  const known = importArguments(given, { taken: [IMAGE_INPUT], scripts: original });
  const { scripts, written } = rewriteArguments(original, known);
  const [attack, cleanup, ...prerequisites] = scripts as [RewrittenScript, RewrittenScript, ...RewrittenScript[]];
  const read = new Set(scripts.flatMap(({ reads }) => reads));
  const inputs = known.filter((argument) => read.has(argument.name));
  const steps = stepsWith(inputs);
  const interpreter = test.dependency_executor_name || executor.name;
  const expected = alerts.filter((alert) => alert.attack.includes(technique)).map(({ id }) => id);
  const playbook: PlaybookText = {
    head: [
      `yaml-language-server: $schema=${schema}`,
      `Imported from atomic-red-team (https://github.com/redcanaryco/atomic-red-team): ${technique}, test ${number}${
        test.auto_generated_guid === undefined ? '' : `, ${oneLine(test.auto_generated_guid)}`
      }`,
      'Atomic Red Team is published by Red Canary, Inc. under the MIT License.',
    ],
    name,
    title: oneLine(test.name).slice(0, 200),
    description: (test.description ?? '').trim().slice(0, LONGEST_DESCRIPTION) || oneLine(test.name),
    image: { input: IMAGE_INPUT, value: image },
    inputs,
    asRoot: executor.elevation_required === true,
    steps: [
      ...dependencies.flatMap((dependency, index) =>
        prerequisiteSteps(dependency, index + 1, {
          check: prerequisites[2 * index],
          get: prerequisites[2 * index + 1],
          step: steps(interpreter),
        }),
      ),
      {
        ...steps(executor.name)(attack),
        name: oneLine(test.name).slice(0, 200),
        id: 'attack',
        attack: technique,
        ...(expected.length === 0 ? { unexpected: technique } : {}),
        timeout: '2m',
        expect: { exitCode: 0 },
      },
    ],
    expected,
    cleanup:
      cleanup.text === ''
        ? []
        : [{ ...steps(executor.name)(cleanup), name: 'Clean up after the attack', timeout: '2m', continueOnError: true }],
  };
  return { text: playbookText(playbook), notes: notesOf({ original, known, inputs, written }) };
}

/** All scripts with their arguments written out, and the arguments themselves. */
function lengthOf(scripts: readonly string[], given: NonNullable<AtomicTest['input_arguments']>): number {
  const all = scripts.join('');
  return Object.entries(given).reduce((sum, [name, { default: value }]) => {
    const { length } = String(value ?? '');
    return sum + length * all.split(`#{${name}}`).length;
  }, all.length);
}

type StepOf = (script: RewrittenScript) => Pick<PlaybookStep, 'interpreter' | 'script' | 'env'>;

const stepsWith =
  (inputs: readonly ImportedArgument[]) =>
  (interpreter: string): StepOf =>
  ({ text, reads }) => ({ interpreter, script: text, env: inputs.filter(({ name }) => reads.includes(name)) });

/** Checked first; only where that fails it is fetched, and checked again. */
function prerequisiteSteps(
  { description }: AtomicDependency,
  number: number,
  { check, get, step }: { check: RewrittenScript | undefined; get: RewrittenScript | undefined; step: StepOf },
): PlaybookStep[] {
  if (check === undefined) return [];
  const what = oneLine(description ?? '').slice(0, 150) || `prerequisite ${number}`;
  const id = `prerequisite${number}`;
  if (get === undefined || get.text === '') return [{ ...step(check), name: `Check: ${what}`, timeout: '1m' }];
  const when = `steps.${id}.exitCode != 0`;
  return [
    { ...step(check), name: `Check: ${what}`, id, timeout: '1m', expect: { exitCode: { cel: 'value >= 0' } } },
    { ...step(get), name: `Get: ${what}`, when, timeout: '5m' },
    { ...step(check), name: `Check again: ${what}`, when, timeout: '1m' },
  ];
}

/** Why a test cannot become a playbook; undefined where it can. */
function refusal({
  supported_platforms: platforms,
  executor,
  dependencies,
  dependency_executor_name: dependencyExecutor,
}: AtomicTest): string | undefined {
  if (!platforms.some((platform) => platform === 'linux' || platform === 'containers'))
    return `it is for ${platforms.map(oneLine).join(', ')}, not for linux or containers`;
  if (executor.name === 'manual') return 'it is done by hand';
  if (!SHELLS.includes(executor.name)) return `its executor is ${oneLine(executor.name)}, not sh or bash`;
  if (tidy(executor.command) === '') return 'it has no command';
  if ((dependencies ?? []).length > 0 && dependencyExecutor && !SHELLS.includes(dependencyExecutor))
    return `its prerequisites are checked by ${oneLine(dependencyExecutor)}, not sh or bash`;
  return undefined;
}

/** Without the line breaks at its end, and nothing where it has no letter. */
const tidy = (script: string | null | undefined): string => ((script ?? '').trim() === '' ? '' : (script ?? '').replace(/[\r\n]+$/, ''));

const inFolder = (text: string): string => text.replace(/\$?\{?PathToAtomicsFolder\b\}?/gi, ATOMICS_FOLDER);

/** The test's arguments, with the folder of the atomics in their defaults. */
function argumentsOf({ input_arguments: given }: AtomicTest): NonNullable<AtomicTest['input_arguments']> {
  const entries = Object.entries(given ?? {});
  return Object.fromEntries(
    entries.map(([name, argument]) => [
      name,
      { ...argument, ...(typeof argument.default === 'string' ? { default: inFolder(argument.default) } : {}) },
    ]),
  );
}

function notesOf({
  original,
  known,
  inputs,
  written,
}: {
  original: readonly string[];
  known: readonly ImportedArgument[];
  inputs: readonly ImportedArgument[];
  written: readonly string[];
}): string[] {
  const texts = original.map((text) => known.reduce((all, { name, value }) => all.replaceAll(`#{${name}}`, () => value), text));
  return [
    ...(written.length === 0
      ? []
      : [`the default of ${listed(written)} is a piece of the script, so it is written out there and is no input`]),
    ...inputs.flatMap(({ input, suggested }) =>
      suggested === undefined ? [] : [`the input \`${input}\` is a secret and has no default: give it with \`--set ${input}=...\``],
    ),
    ...needsOf(texts, ATOMICS_FOLDER),
  ];
}

const listed = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');
