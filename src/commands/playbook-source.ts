// From what somebody typed to playbooks that can run: found, linted, inputs filled in.
import { dirname, isAbsolute, resolve } from 'node:path';
import type { Catalogue } from '../alerts/catalogue.ts';
import { SHORTEST_SECRET } from '../engine/redact.ts';
import { resolveInputs } from '../language/inputs.ts';
import type { Playbook } from '../language/playbook.ts';
import { locate } from '../language/source.ts';
import { nearest } from '../language/suggest.ts';
import type { Checkout } from '../ports/checkout.ts';
import type { Files } from '../ports/files.ts';
import { lintText } from '../reporters/lint/text.ts';
import type { StepDefinition } from '../steps/step.ts';
import { asTexts, type GivenInputs } from './given-inputs.ts';
import { lintFile } from './lint-file.ts';
import { lintSettings } from './lint-settings.ts';
import { playbookNames, playbooksFolder } from './package-files.ts';
import { UsageError } from './usage-error.ts';

export interface ReadyPlaybook {
  playbook: Playbook;
  folder: string;
  inputs: Record<string, unknown>;
  /** Values of secret inputs. */
  secrets: string[];
}

/** Files, or names of playbooks that ship with the package; `all`: every one of the latter. */
export interface PlaybookChoice {
  names: readonly string[];
  all: boolean;
}

/** What reading playbooks takes. */
export interface PlaybookReading {
  files: Files;
  checkout: Checkout;
  /** The working directory, absolute. */
  folder: string;
  steps: readonly StepDefinition[];
  catalogue: Catalogue;
  /** The configuration of lint that holds in place of `.sim-lint.yaml`. */
  lintConfig?: string;
  colour: boolean;
}

/** Finds, reads and lints, as `sim lint` does it. Throws UsageError: unknown names, findings of lint as text. */
export async function readPlaybooks({ names, all }: PlaybookChoice, reading: PlaybookReading): Promise<Playbook[]> {
  const { files, checkout, folder, steps, catalogue, lintConfig, colour } = reading;
  const shipped = await playbookNames(files);
  const found = await Promise.all([...new Set(all ? shipped : names)].map((name) => findFile(name, shipped, files)));
  const settings = await lintSettings({
    checkout,
    folder,
    comments: true,
    ...(lintConfig === undefined ? {} : { pinned: lintConfig }),
  });
  const world = { checkout, settings, context: { steps, catalogue: [...catalogue.keys()] } };
  return await Promise.all(
    found.map(async (file) => {
      const linted = await lintFile({ file, named: true }, world);
      if (linted === undefined) throw new UsageError(`${file} is a folder, not a playbook`);
      const { source, playbook, diagnostics } = linted;
      if (playbook === undefined)
        throw new UsageError(`${file} is not a valid playbook`, { findings: lintText({ findings: locate(source, diagnostics), colour }) });
      if (playbook.kind !== 'Playbook')
        throw new UsageError(`${file} is a ${playbook.kind}: it is used by playbooks, and not run by itself`, {
          hint: 'name a playbook that says `uses:` with its path',
        });
      return playbook;
    }),
  );
}

/**
 * The playbooks with their inputs: those `given`, else `standIns` where a playbook has such an input, else its defaults. Throws UsageError
 * with everything that does not fit, and for names that no playbook has.
 */
export function withInputs(playbooks: readonly Playbook[], given: GivenInputs, standIns: Record<string, string> = {}): ReadyPlaybook[] {
  const known = new Set(playbooks.flatMap(({ inputs }) => Object.keys(inputs)));
  const unknown = Object.keys(given).filter((name) => !known.has(name));
  return playbooks.map((playbook) => {
    const own = Object.fromEntries(
      Object.entries({ ...asTexts(standIns), ...given }).filter(([name]) => Object.hasOwn(playbook.inputs, name)),
    );
    const { values, problems } = resolveInputs(playbook, {
      ...own,
      ...Object.fromEntries(unknown.map((name) => [name, given[name]])),
    });
    const secretNames = Object.keys(playbook.inputs).filter((name) => playbook.inputs[name]?.type === 'secret');
    const secrets = secretNames.map((name) => String(values[name] ?? '')).filter((secret) => secret !== '');
    if (secrets.some((secret) => secret.length < SHORTEST_SECRET))
      problems.push(
        `a secret of fewer than ${SHORTEST_SECRET} characters cannot be masked in outputs: give a longer one for ${secretNames.join(', ')}`,
      );
    if (problems.length > 0) throw new UsageError(`${playbook.file}: ${problems.join('; ')}`);
    return { playbook, folder: dirname(resolve(playbook.file)), inputs: values, secrets };
  });
}

/** A file, else the name of a shipped playbook. */
async function findFile(name: string, shipped: readonly string[], files: Files): Promise<string> {
  const isPath = isAbsolute(name) || /[\\/]|\.ya?ml$/.test(name);
  if (!isPath && shipped.includes(name)) return `${playbooksFolder}/${name}.yaml`;
  if (await files.exists(name)) return name;
  const meant = nearest(name, shipped);
  const hint = meant === undefined ? `name a file, or one of: ${shipped.join(', ')}` : `did you mean \`${meant}\`?`;
  throw new UsageError(isPath ? `there is no file ${name}` : `there is no playbook \`${name}\``, { hint });
}
