import { expect, test } from 'vitest';
import { lintGithub } from '../../../src/reporters/lint/github.ts';
import { findingIn, hostile, reportOf } from './report.ts';

test('a workflow command for each finding', () => {
  const text = 'a: b\nc: |\n  d\n';
  const findings = [
    findingIn('x.yaml', text, 'b', { hint: 'do this' }),
    findingIn('x.yaml', text, '|\n  d', { severity: 'warning' }),
    findingIn('x.yaml', text, 'c', { severity: 'info' }),
  ];
  expect(lintGithub(reportOf(findings))).toBe(
    [
      '::error file=x.yaml,line=1,endLine=1,col=4,endColumn=5,title=unknown-key::found%0Ado this',
      '::warning file=x.yaml,line=2,endLine=3,col=4,title=unknown-key::found',
      '::notice file=x.yaml,line=2,endLine=2,col=1,endColumn=2,title=unknown-key::found',
      '',
    ].join('\n'),
  );
});

test('a hostile finding is one command, and none of its texts ends it or begins another', () => {
  const output = lintGithub(reportOf([hostile]));
  expect(output.split('\n')).toHaveLength(2);
  const [, properties = '', message = ''] = /^::error (.*?)::(.*)\n$/.exec(output) ?? [];
  expect(properties.split(',').map((each) => each.split('=')[0])).toEqual(['file', 'line', 'endLine', 'col', 'endColumn', 'title']);
  expect(properties).toContain('%3A%3A a/%3A%3Aerror file=x%3A%3Aowned');
  expect(properties).toContain('%252e%2C %3A?#.yaml');
  expect(message).toContain('%250A::c');
  expect(output.replace('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\u2028]|##(\[|vso\[)/u);
});
