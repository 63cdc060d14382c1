// `sim new`: the beginning of a playbook, from a template or for an alert of the catalogue.
import { basename, dirname, join } from 'node:path';
import { Command, Option } from 'commander';
import { localFiles } from '../adapters/files.ts';
import { hintFor, nearest } from '../language/suggest.ts';
import type { Files } from '../ports/files.ts';
import { alertTemplate, type Template, templates } from '../reference/templates.ts';
import { table } from '../reporters/format.ts';
import { loadCatalogue, packageFolder, pathTo } from './package-files.ts';
import type { Session } from './session.ts';
import { UsageError } from './usage-error.ts';

interface NewOptions {
  template?: string;
  alert?: string;
  list?: true;
  dir: string;
  output?: string;
  force?: true;
}

/** As the envelope's schema has it. */
const NAME = /^[a-z]([a-z0-9-]*[a-z0-9])?$/;

export function newCommand(session: Session): Command {
  return new Command('new')
    .description('Write a new playbook from a template, or for an alert of the catalogue')
    .argument('[name]', 'name of the playbook, and of its file')
    .addOption(new Option('-t, --template <name>', `one of ${Object.keys(templates).join(', ')} (default: minimal)`))
    .addOption(new Option('-a, --alert <id>', 'begin with this alert and its techniques; sim list --alerts has them').conflicts('template'))
    .option('-l, --list', 'list the templates')
    .option('--dir <folder>', 'folder to write it to', 'playbooks')
    .option('-o, --output <file>', 'file to write, NAME.yaml')
    .option('-f, --force', 'overwrite a file that is there')
    .addHelpText(
      'after',
      `
Examples:
  sim new history-cleared                               playbooks/history-cleared.yaml, from the template minimal
  sim new my-shell --template web-shell                 with the attacker and the victim that come with sim
  sim new miner --alert digital-currency-mining         for an alert of the catalogue

Exit codes: 0 written, 2 usage, or the file is there already.`,
    )
    .action(async (name: string | undefined, options: NewOptions) => {
      if (options.list) session.stdout(table(Object.entries(templates).map(([id, { summary }]) => [id, summary])));
      else session.stdout(await write(name, options, localFiles()));
    });
}

/** Writes the file; returns what to tell. Throws UsageError. */
async function write(name: string | undefined, options: NewOptions, files: Files): Promise<string> {
  if (name === undefined) throw new UsageError('name the new playbook', { hint: 'sim new --list lists the templates' });
  if (!NAME.test(name) || name.length > 63)
    throw new UsageError(`\`${name}\` cannot be a playbook's name`, {
      hint: 'it begins with a small letter and holds only small letters, digits and `-`, at most 63',
    });
  const template = await templateOf(options, files);
  const file = options.output ?? join(options.dir, `${name}.yaml`);
  if (!/\.ya?ml$/.test(file) || basename(file).replace(/\.ya?ml$/, '') !== name)
    throw new UsageError(`a playbook has the name of its file: write ${name} to ${join(dirname(file), `${name}.yaml`)}`);
  if (!options.force && (await files.exists(file))) throw new UsageError(`${file} is there already`, { hint: 'overwrite it with --force' });
  const text = template.text({ name, schema: pathTo('schemas/playbook.schema.json', file) });
  const chart = join(dirname(file), '..', 'charts', 'simulation');
  const copied = template.simulation && !(await files.exists(chart));
  if (copied) await files.copy(`${packageFolder}charts/simulation`, chart);
  await files.write(file, text);
  return [
    `wrote ${file}`,
    ...(copied ? [`wrote ${chart}, the chart that it deploys`] : []),
    '',
    'Next:',
    `  sim lint ${file}          what is wrong with it`,
    `  sim plan ${file}          what it would do`,
    `  sim run ${file} --lab     run it on the lab (sim lab up)`,
    '',
  ].join('\n');
}

async function templateOf({ template = 'minimal', alert }: NewOptions, files: Files): Promise<Template> {
  if (alert !== undefined) {
    const catalogue = await loadCatalogue(files);
    const entry = catalogue.get(alert);
    if (entry !== undefined) return alertTemplate(entry);
    const meant = nearest(alert, catalogue.keys());
    throw new UsageError(`the catalogue has no alert \`${alert}\``, {
      hint: meant === undefined ? 'sim list --alerts has them' : `did you mean \`${meant}\`?`,
    });
  }
  const found = Object.hasOwn(templates, template) ? templates[template] : undefined;
  if (found !== undefined) return found;
  const hint = hintFor(template, Object.keys(templates), 'there are');
  throw new UsageError(`there is no template \`${template}\``, hint === undefined ? {} : { hint });
}
