import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { pages } from '../../scripts/docs.ts';
import { sourceTypes } from '../../src/adapters/alert-sources/index.ts';
import { ruleInfos } from '../../src/rules/lint.ts';
import { stepTypes } from '../../src/steps/index.ts';
import { repository } from '../steps/context.ts';

const folder = join(repository, 'docs', 'reference');
const made = await pages();

test('docs/reference is current: `npm run docs` makes it so', () => {
  const present = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'));
  expect(present.sort()).toEqual([...made.keys()].sort());
  const outdated = [...made].filter(([path, text]) => readFileSync(join(folder, path), 'utf8') !== text).map(([path]) => path);
  expect(outdated).toEqual([]);
});

test('each step type and each rule has its page', () => {
  for (const { type } of stepTypes) expect(made.get(`steps/${type}.md`)).toContain(`# ${type}\n`);
  for (const { id } of ruleInfos) expect(made.get(`rules/${id}.md`)).toContain(`# ${id}\n`);
});

test('each type of alert source has its page, with its proof', () => {
  for (const { type, proof } of sourceTypes) {
    expect(made.get(`alert-sources/${type}.md`)).toContain(`**${proof}**`);
    expect(made.get('alert-sources/README.md')).toContain(`| [\`${type}\`](${type}.md) | ${proof} |`);
  }
});

test('links inside the reference lead somewhere', () => {
  for (const [path, text] of made)
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g))
      expect([...made.keys()], `${path} -> ${target}`).toContain(normalize(join(dirname(path), target)));
  const alerts = made.get('alerts.md') ?? '';
  const anchors = [...alerts.matchAll(/^## (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
  for (const [, anchor] of alerts.matchAll(/\]\(#([^)]+)\)/g)) expect(anchors).toContain(anchor);
});

test('the command line is there with every command', () => {
  for (const command of ['run', 'lint', 'plan', 'list', 'new', 'explain', 'lab up', 'alerts tail'])
    expect(made.get('cli.md')).toContain(`## sim ${command}\n`);
});
