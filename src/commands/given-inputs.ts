// Values for inputs, from where an operator may write them: `--set`, files of `--values`, the environment, in this order.

import type { Text } from '../language/inputs.ts';
import { readYaml } from '../language/located.ts';
import { locate } from '../language/source.ts';
import type { Files } from '../ports/files.ts';
import { lintText } from '../reporters/lint/text.ts';
import { UsageError } from './usage-error.ts';

/** By the input's name: Text, or a value that a file gave with its type. */
export type GivenInputs = Record<string, unknown>;

export interface InputOptions {
  set?: string[];
  values?: string[];
}

const PREFIX = 'SIM_INPUT_';

export const asTexts = (values: Readonly<Record<string, string>>): Record<string, Text> =>
  Object.fromEntries(Object.entries(values).map(([name, text]) => [name, { text }]));

/** The name of the environment's variable for an input: `scanPort` is SIM_INPUT_SCAN_PORT. */
export const variableOf = (input: string): string => `${PREFIX}${input.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase()}`;

/**
 * What was given, of `--values` the later file over the earlier one. `names` are the inputs that there are: the environment is asked for those
 * only. Throws UsageError: a setting without a name, a file that cannot be read or is no map.
 */
export async function givenInputs(
  { set = [], values = [] }: InputOptions,
  names: Iterable<string>,
  { files, env, colour }: { files: Pick<Files, 'read'>; env: Readonly<Record<string, string | undefined>>; colour: boolean },
): Promise<GivenInputs> {
  const fromEnvironment: GivenInputs = {};
  for (const name of names) {
    const text = env[variableOf(name)];
    if (text !== undefined) fromEnvironment[name] = { text };
  }
  const fromFiles = await Promise.all(values.map((file) => readValues(file, { files, colour })));
  return Object.assign(fromEnvironment, ...fromFiles, asTexts(parseSettings(set)));
}

async function readValues(file: string, { files, colour }: { files: Pick<Files, 'read'>; colour: boolean }): Promise<GivenInputs> {
  const source = { name: file, text: await files.read(file) };
  const { located, diagnostics } = readYaml(source.text);
  if (located === undefined)
    throw new UsageError(`${file} cannot be read`, { findings: lintText({ findings: locate(source, diagnostics), colour }) });
  const { value } = located;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError(`${file} must be a map of inputs, e.g. \`scanPort: 8443\``);
  return { ...value };
}

function parseSettings(settings: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    settings.map((setting) => {
      const at = setting.indexOf('=');
      if (at < 1) throw new UsageError(`--set ${setting} is not name=value`);
      return [setting.slice(0, at), setting.slice(at + 1)];
    }),
  );
}
