// `sim explain`: the language, its rules and the alerts, from their definitions.
import { Command, Option } from 'commander';
import { localFiles } from '../adapters/files.ts';
import { explain } from '../reference/topics.ts';
import { colours } from '../reporters/format.ts';
import { pageMarkdown } from '../reporters/page-markdown.ts';
import { pageText } from '../reporters/page-text.ts';
import { definitionsWith } from './definitions.ts';
import { loadCatalogue } from './package-files.ts';
import type { Session } from './session.ts';
import { UsageError } from './usage-error.ts';

export function explainCommand(session: Session): Command {
  return new Command('explain')
    .description('Explain a step type, a key, a lint rule, an alert, a technique or a function')
    .argument('[topic]', 'e.g. exec, exec.expect.stdout, playbook.metadata.risk, duplicate-id, T1046; default: what there is')
    .addOption(new Option('-o, --output <format>', 'how it is told').choices(['text', 'json', 'markdown']).default('text'))
    .addHelpText(
      'after',
      `
Examples:
  sim explain exec                    a step type
  sim explain step.timeout            a key, by its path
  sim explain web-shell-activity      an alert of the catalogue
  sim explain expressions             what expressions can say

Exit codes: 0 explained, 2 there is no such topic.`,
    )
    .action(async (topic: string | undefined, { output }: { output: 'text' | 'json' | 'markdown' }) => {
      const explained = explain(topic, definitionsWith(await loadCatalogue(localFiles())));
      if ('problem' in explained) throw new UsageError(explained.problem, { hint: explained.hint });
      const { page } = explained;
      if (output === 'json') session.stdout(`${JSON.stringify({ version: 1, ...page }, null, 2)}\n`);
      else if (output === 'markdown') session.stdout(`${pageMarkdown(page)}\n`);
      else session.stdout(pageText(page, { paint: colours(session.colour), columns: session.columns ?? 100 }));
    });
}
