import { expect, test } from 'vitest';
import { code, fields, list, type Page, section, table, text } from '../../src/reference/page.ts';
import { pageMarkdown } from '../../src/reporters/page-markdown.ts';

const page: Page = {
  kind: 'key',
  name: 'thing',
  title: 'A thing',
  summary: 'Takes <name>, and `<name>` as code.',
  sections: [
    ...section('Empty', list([]), table(['a'], [])),
    ...section('All', text('Words.'), list(['one']), table(['a', 'b'], [['x|y', 'two\nlines']]), code('```\ninner\n```\n', 'text')),
    ...section(
      'Keys',
      fields([
        {
          name: 'a',
          type: 'map',
          required: true,
          description: 'It.',
          default: 1,
          fields: [{ name: 'b', type: 'text', required: false, description: '', fields: [] }],
        },
      ]),
    ),
  ],
};

test('headings, tables and fences hold whatever stands in them', () =>
  expect(pageMarkdown(page)).toBe(`# thing: A thing

Takes &lt;name>, and \`<name>\` as code.

## All

Words.

- one

| a | b |
|---|---|
| x\\|y | two lines |

\`\`\`\`text
\`\`\`
inner
\`\`\`
\`\`\`\`

## Keys

| key | type | required | description |
|---|---|---|---|
| \`a\` | map | yes | It. Default: \`1\`. |
| \`a.b\` | text |  |  |`));
