import { expect, test } from 'vitest';
import { readLintConfig } from '../../src/language/lint-config.ts';
import type { KnownRules } from '../../src/language/policy.ts';
import { locate } from '../../src/language/source.ts';

const info = (id: string, security?: true) => ({
  id,
  severity: 'warning' as const,
  summary: '',
  why: '',
  ...(security ? { security } : {}),
});
const known: KnownRules = {
  rules: new Map([
    ['latest-tag', info('latest-tag')],
    ['dangerous-command', info('dangerous-command', true)],
  ]),
  locked: new Set(['unknown-key']),
};

function read(text: string, pinned = false) {
  const { config, diagnostics } = readLintConfig(text, known, pinned);
  const findings = locate({ name: 'c', text }, diagnostics).map(
    ({ line, column, message, hint }) => `${line}:${column} ${message}${hint === undefined ? '' : ` (${hint})`}`,
  );
  return { config, findings, severities: Object.fromEntries(config.severities) };
}

test('what it may say', () => {
  const { config, findings, severities } = read(
    'rules:\n  latest-tag: off\n  dangerous-command: error\nignore: [drafts, "**/x.yaml"]\npaths: [books]\n',
  );
  expect(findings).toEqual([]);
  expect(severities).toEqual({ 'latest-tag': 'off', 'dangerous-command': 'error' });
  expect(config).toMatchObject({ ignore: ['drafts', '**/x.yaml'], paths: ['books'], inlineSecurity: false });
});

test.each([
  [
    'rules: {latst-tag: off}',
    '1:9 unknown key `latst-tag` in `rules` (did you mean `latest-tag`? allowed are: `dangerous-command`, `latest-tag`, `unknown-key`)',
  ],
  ['rules: {latest-tag: warn}', '1:21 `latest-tag` cannot be the text `warn` (allowed are: `error`, `info`, `off`, `warning`)'],
  [
    'rulez: {}',
    '1:1 unknown key `rulez` in the configuration (did you mean `rules`? allowed are: `ignore`, `inlineSecurity`, `paths`, `rules`)',
  ],
  ['ignore: drafts', '1:9 `ignore` must be a list, but is the text `drafts` (write `[drafts]`)'],
  ['- a', '1:1 the configuration must be a map, but is a list (its keys are: `ignore`, `inlineSecurity`, `paths`, `rules`)'],
  ['rules: {unknown-key: off}', '1:9 `unknown-key` makes a playbook unable to run: it is always an error'],
  ['ignore: ["{a"]', '1:10 `{a` is no pattern of paths: a bracket or a brace in it is not closed'],
])('%s', (text, finding) => expect(read(text).findings).toEqual([finding]));

test('a broken one changes nothing', () => {
  expect(read('rules: {latest-tag: off}\nignore: 3\n')).toMatchObject({ severities: {}, config: { ignore: [] } });
});

test('security rules: lowered only where it is pinned, raised anywhere', () => {
  const text = 'rules: {dangerous-command: info}\ninlineSecurity: true\n';
  expect(read(text)).toMatchObject({
    severities: {},
    config: { inlineSecurity: false },
    findings: [
      '1:9 `dangerous-command` protects who runs the playbook and cannot be lowered here (only a configuration that is pinned with --config may do that)',
      '2:1 comments cannot be allowed here to switch off security rules (only a configuration that is pinned with --config may do that)',
    ],
  });
  expect(read(text, true)).toMatchObject({ severities: { 'dangerous-command': 'info' }, config: { inlineSecurity: true }, findings: [] });
  expect(read('rules: {dangerous-command: warning}').findings).toEqual([]);
});
