import { expect, test } from 'vitest';
import type { Diagnostic } from '../../src/language/diagnostic.ts';
import { applyDisables, type DisableTerms } from '../../src/language/disable.ts';
import { applyFixes } from '../../src/language/fix.ts';
import type { RuleInfo } from '../../src/language/rule-info.ts';
import { locate } from '../../src/language/source.ts';

const rule = (id: string, more: Partial<RuleInfo> = {}): [string, RuleInfo] => [
  id,
  { id, severity: 'warning', summary: '', why: '', ...more },
];
const terms: DisableTerms = {
  rules: new Map([rule('unused-input'), rule('latest-tag'), rule('dangerous-command', { security: true })]),
  locked: new Set(['unknown-key']),
  security: false,
  complete: true,
};

/** A finding of each rule at its `@rule` in the text. */
const found = (text: string): Diagnostic[] =>
  [...text.matchAll(/@([a-z-]+)/g)].map(({ 1: id = '', index }) => ({
    rule: id,
    severity: id === 'unknown-key' ? 'error' : 'warning',
    message: 'found',
    span: { start: index, end: index + id.length + 1 },
  }));

const linesOf = (text: string, more: Partial<DisableTerms> = {}): string[] =>
  locate({ name: 'f', text }, applyDisables(text, found(text), { ...terms, ...more })).map(
    ({ line, column, message, rule: id, hint }) => `${line}:${column} ${message} [${id}]${hint === undefined ? '' : ` ${hint}`}`,
  );

const why = '-- because';

test('the finding on the next line is gone, and no other', () => {
  expect(linesOf(`# sim-lint-disable-next-line unused-input ${why}\na: "@unused-input"\nb: "@unused-input"\n`)).toEqual([
    '3:5 found [unused-input]',
  ]);
});

test.each([
  ['several rules', `# sim-lint-disable-next-line unused-input, latest-tag ${why}\na: "@unused-input @latest-tag"\n`],
  [
    'several comments',
    `# sim-lint-disable-next-line unused-input ${why}\n  #sim-lint-disable-next-line latest-tag ${why}\na: "@unused-input @latest-tag"\n`,
  ],
  ['at the end of a line', `x: 1 # sim-lint-disable-next-line latest-tag ${why}\na: "@latest-tag"\n`],
  ['CRLF', `# sim-lint-disable-next-line latest-tag ${why}\r\na: "@latest-tag"\r\n`],
  ['in a list', `a:\n  # sim-lint-disable-next-line latest-tag --- two words\n  - "@latest-tag"\n`],
  ['in flow style', `a: [\n  # sim-lint-disable-next-line latest-tag ${why}\n  "@latest-tag"]\n`],
  ['beside the head of a block', `a: | # sim-lint-disable-next-line latest-tag ${why}\n  @latest-tag\n`],
  ['in a text that is no valid YAML', `a: [\n# sim-lint-disable-next-line latest-tag ${why}\n"@latest-tag"\n`],
])('%s', (_, text) => expect(linesOf(text)).toEqual([]));

test.each([
  ['a quoted scalar', `a: "x # sim-lint-disable-next-line latest-tag ${why}\n  @latest-tag"\n`],
  ['a single-quoted one', `a: 'x\n  # sim-lint-disable-next-line latest-tag ${why}\n  @latest-tag'\n`],
  ['a literal block', `a: |\n  # sim-lint-disable-next-line latest-tag ${why}\n  @latest-tag\n`],
  ['a folded block', `a: >-\n  # sim-lint-disable-next-line latest-tag ${why}\n  @latest-tag\n`],
  ['a plain scalar', `a: x# sim-lint-disable-next-line latest-tag ${why}\nb: "@latest-tag"\n`],
])('%s holds no comment', (_, text) => expect(linesOf(text)).toEqual([expect.stringMatching(/found \[latest-tag\]$/)]));

test('a comment without a reason has no effect and is told', () => {
  expect(linesOf('# sim-lint-disable-next-line latest-tag\na: "@latest-tag"\n')).toEqual([
    '1:1 the comment gives no reason, and so has no effect [invalid-disable] write `# sim-lint-disable-next-line rule -- reason`',
    '2:5 found [latest-tag]',
  ]);
  expect(linesOf('# sim-lint-disable-next-line latest-tag --  \na: 1\n')).toHaveLength(1);
});

test('what it names must exist, and be something that may be switched off', () => {
  expect(
    linesOf(`# sim-lint-disable-next-line latst-tag, unknown-key, dangerous-command ${why}\na: "@unknown-key @dangerous-command"\n`),
  ).toEqual([
    '1:30 there is no rule `latst-tag` [invalid-disable] did you mean `latest-tag`? there are: `dangerous-command`, `latest-tag`, `unused-input`',
    '1:41 `unknown-key` makes a playbook unable to run and cannot be switched off [invalid-disable] mend what it finds',
    '1:54 `dangerous-command` protects who runs the playbook: a comment cannot switch it off [invalid-disable] only where the configuration pinned with --config says `inlineSecurity: true`',
    '2:5 found [unknown-key]',
    '2:18 found [dangerous-command]',
  ]);
});

test('security rules give way where the pinned configuration says so', () => {
  expect(linesOf(`# sim-lint-disable-next-line dangerous-command ${why}\na: "@dangerous-command"\n`, { security: true })).toEqual([]);
});

test.each(['disable', 'disable-line', 'enable'])('there is no sim-lint-%s', (verb) => {
  expect(linesOf(`# sim-lint-${verb} latest-tag ${why}\na: "@latest-tag"\n`)[0]).toContain(`there is no comment \`sim-lint-${verb}\``);
});

test('a comment that names nothing', () => {
  expect(linesOf(`# sim-lint-disable-next-line ${why}\na: 1\n`)[0]).toContain('the comment names no rule');
});

test('unused ones are told, unless the rules were not applied', () => {
  const text = `# sim-lint-disable-next-line latest-tag ${why}\na: 1\n`;
  expect(linesOf(text)).toEqual([
    '1:30 `latest-tag` finds nothing on the next line [unused-disable] delete the comment, or the name in it',
  ]);
  expect(linesOf(text, { complete: false })).toEqual([]);
});

test.each([
  ['a line of its own goes', `a: 1\n  # sim-lint-disable-next-line latest-tag ${why}\nb: 2\n`, 'a: 1\nb: 2\n'],
  ['so does one at the end of a line', `a: 1   # sim-lint-disable-next-line latest-tag ${why}\r\nb: 2\r\n`, 'a: 1\r\nb: 2\r\n'],
  ['and at the end of the file', `a: 1\n# sim-lint-disable-next-line latest-tag ${why}`, 'a: 1\n'],
  [
    'used names stay',
    `# sim-lint-disable-next-line latest-tag, unused-input ${why}\na: "@unused-input"\n`,
    `# sim-lint-disable-next-line unused-input ${why}\na: "@unused-input"\n`,
  ],
])('the fix: %s', (_, text, mended) => {
  expect(applyFixes(text, applyDisables(text, found(text), terms)).text).toBe(mended);
});
