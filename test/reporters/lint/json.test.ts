import { expect, test } from 'vitest';
import { lintGitlab } from '../../../src/reporters/lint/gitlab.ts';
import { lintJson } from '../../../src/reporters/lint/json.ts';
import { findingIn, hostile, reportOf } from './report.ts';

test('findings as they are, whatever they hold, in characters that do nothing', () => {
  const output = lintJson(reportOf([hostile]));
  expect(JSON.parse(output)).toEqual({ version: 1, findings: [hostile] });
  expect(output.replaceAll('\n', '')).not.toMatch(/[\p{C}\u2028]|##(\[|vso\[)/iu);
});

interface Issue {
  fingerprint: string;
  location: { path: string };
}

test('GitLab: severity, place, and a fingerprint of its own for each', () => {
  const twice = findingIn('a.yaml', 'k: v', 'k');
  const issues = JSON.parse(
    lintGitlab(
      reportOf([
        twice,
        twice,
        findingIn('b.yaml', 'k: v', 'k', { severity: 'warning', hint: 'do this' }),
        findingIn('a.yaml', 'k: v', 'k', { severity: 'info' }),
      ]),
    ),
  ) as Issue[];
  expect(issues.slice(1)).toMatchObject([
    { severity: 'major' },
    {
      severity: 'minor',
      check_name: 'unknown-key',
      description: 'found (do this)',
      location: { path: 'b.yaml', lines: { begin: 1, end: 1 } },
    },
    { severity: 'info' },
  ]);
  const prints = issues.map(({ fingerprint }) => fingerprint);
  expect(new Set(prints).size).toBe(4);
  for (const print of prints) expect(print).toMatch(/^[0-9a-f]{64}$/);
});

test('GitLab: the fingerprint stays when lines move, and hostile texts do no harm', () => {
  const printOf = (text: string) => (JSON.parse(lintGitlab(reportOf([findingIn('a.yaml', text, 'k: v')]))) as Issue[])[0]?.fingerprint;
  expect(printOf('\n\n  k: v')).toBe(printOf('k: v'));
  expect(printOf('k: vv')).not.toBe(printOf('k: v'));
  const output = lintGitlab(reportOf([hostile]));
  expect((JSON.parse(output) as Issue[])[0]?.location.path).toBe(hostile.file);
  expect(output.replaceAll('\n', '')).not.toMatch(/[\p{C}\u2028]|##(\[|vso\[)/iu);
});
