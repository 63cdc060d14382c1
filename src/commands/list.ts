// `sim list`: which scenarios there are, and which alerts, step types and rules.
import { join } from 'node:path';
import { cwd } from 'node:process';
import { Command, Option } from 'commander';
import { localCheckout } from '../adapters/checkout.ts';
import { localFiles } from '../adapters/files.ts';
import { ExitCode } from '../engine/exit-code.ts';
import type { Files } from '../ports/files.ts';
import { productName } from '../reference/alert-page.ts';
import type { Definitions } from '../reference/definitions.ts';
import { type Scenario, scenarioOf } from '../reference/scenario.ts';
import { colours } from '../reporters/format.ts';
import { listText, type Row } from '../reporters/list-text.ts';
import { lint } from '../rules/lint.ts';
import { definitionsWith } from './definitions.ts';
import { loadCatalogue, packageFolder, playbookNames, playbooksFolder } from './package-files.ts';
import { referencesOf } from './references.ts';
import type { Session } from './session.ts';
import { UsageError } from './usage-error.ts';

interface ListOptions {
  alerts?: true;
  steps?: true;
  rules?: true;
  output: 'text' | 'json';
}

/** A list as JSON has it and as columns show it. */
interface Listing {
  name: string;
  head: string[];
  items: { json: object; row: Row }[];
}

export function listCommand(session: Session): Command {
  return new Command('list')
    .description('List the scenarios with their tactics, techniques and alerts; or the alerts, step types or rules there are')
    .argument('[folder...]', 'folders or files with playbooks (default: those that come with sim)')
    .addOption(new Option('--alerts', 'list the catalogue of alerts').conflicts(['steps', 'rules']))
    .addOption(new Option('--steps', 'list the step types').conflicts(['rules']))
    .addOption(new Option('--rules', 'list the rules of sim lint'))
    .addOption(new Option('-o, --output <format>', 'how it is told').choices(['text', 'json']).default('text'))
    .addHelpText('after', '\nsim explain NAME says more of each.\n\nExit codes: 0 listed, 1 some playbooks are not valid, 2 usage.')
    .action(async (folders: string[], options: ListOptions) => session.setExitCode(await list(folders, options, session)));
}

async function list(folders: readonly string[], options: ListOptions, session: Session): Promise<number> {
  const files = localFiles();
  const definitions = definitionsWith(await loadCatalogue(files));
  const isOfDefinitions = options.alerts ?? options.steps ?? options.rules;
  if (isOfDefinitions && folders.length > 0)
    throw new UsageError('folders are for playbooks: name them without --alerts, --steps or --rules');
  const { listing, invalid } = isOfDefinitions
    ? { listing: listingOf(options, definitions), invalid: [] }
    : await playbooksIn(folders.length === 0 ? await shipped(files) : folders, definitions, files);
  const { name, head, items } = listing;
  if (options.output === 'json') session.stdout(`${JSON.stringify({ version: 1, [name]: items.map(({ json }) => json) }, null, 2)}\n`);
  else
    session.stdout(
      listText(
        head,
        items.map(({ row }) => row),
        session.columns,
        colours(session.colour),
      ),
    );
  for (const file of invalid) session.stderr(`sim list: ${file} is not a valid playbook; see sim lint ${file}\n`);
  return invalid.length > 0 ? ExitCode.missed : ExitCode.ok;
}

function listingOf({ alerts, steps }: ListOptions, definitions: Definitions): Listing {
  if (alerts)
    return {
      name: 'alerts',
      head: ['id', 'title', 'techniques', 'products'],
      items: [...definitions.alerts.values()].map((entry) => ({
        json: entry,
        row: [[entry.id], [entry.title], entry.attack, Object.keys(entry.products).map(productName)],
      })),
    };
  if (steps)
    return {
      name: 'steps',
      head: ['type', 'what it does', 'outputs'],
      items: definitions.steps.map(({ type, summary, outputs }) => ({
        json: { type, summary, outputs },
        row: [[type], [summary], Object.keys(outputs)],
      })),
    };
  return {
    name: 'rules',
    head: ['id', 'severity', 'what it finds'],
    items: definitions.rules.map(({ id, severity, summary, security }) => ({
      json: { id, severity, summary, ...(security ? { security } : {}) },
      row: [[id], [severity], [summary]],
    })),
  };
}

/** Files of the playbooks that come with sim: what lies below them is for others to use. */
async function shipped(files: Files): Promise<string[]> {
  return (await playbookNames(files)).map((name) => join(playbooksFolder, `${name}.yaml`));
}

async function playbooksIn(
  places: readonly string[],
  definitions: Definitions,
  files: Files,
): Promise<{ listing: Listing; invalid: string[] }> {
  const scenarios: Scenario[] = [];
  const invalid: string[] = [];
  for (const place of places) {
    if (!(await files.exists(place))) throw new UsageError(`there is no folder or file ${place}`);
    for (const file of await filesIn(place, files)) {
      const text = await files.read(file);
      if (!/^kind:\s*["']?Playbook\b/m.test(text)) continue;
      const source = { name: file, text };
      const references = await referencesOf(source, definitions.steps, localCheckout(cwd(), packageFolder));
      const { playbook } = lint(source, { steps: definitions.steps, references });
      if (playbook === undefined) invalid.push(file);
      else scenarios.push(scenarioOf(playbook, definitions));
    }
  }
  const items = scenarios.map((scenario) => ({
    json: scenario,
    row: [
      [scenario.name],
      [scenario.title],
      [scenario.risk],
      [String(scenario.inputs.length)],
      scenario.tactics,
      scenario.techniques,
      scenario.alerts,
    ],
  }));
  return { listing: { name: 'playbooks', head: ['name', 'title', 'risk', 'inputs', 'tactics', 'techniques', 'alerts'], items }, invalid };
}

/** YAML files of a folder and of the folders in it, but for hidden ones and packages. */
async function filesIn(place: string, files: Files): Promise<string[]> {
  if (/\.ya?ml$/.test(place)) return [place];
  const names = (await files.list(place)).filter((name) => !name.startsWith('.') && name !== 'node_modules');
  return (await Promise.all(names.map((name) => filesIn(join(place, name), files)))).flat();
}
