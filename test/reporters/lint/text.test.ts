import { expect, test } from 'vitest';
import { type Finding, locate } from '../../src/language/source.ts';
import { lintSummary, lintText } from '../../src/reporters/lint-text.ts';

const text = 'steps:\n  - timeuot: 3s\n';
const [finding] = locate({ name: 'a.yaml', text }, [
  {
    rule: 'unknown-key',
    severity: 'error',
    message: 'unknown key `timeuot`',
    hint: 'did you mean `timeout`?',
    span: { start: 11, end: 18 },
  },
]) as [Finding];

test('place, message, source line, underline and hint', () => {
  expect(lintText([finding])).toBe(
    [
      'a.yaml:2:5: error: unknown key `timeuot` [unknown-key]',
      '  2 |   - timeuot: 3s',
      '    |     ^~~~~~~',
      '    = did you mean `timeout`?',
      '',
    ].join('\n'),
  );
});

test('colours only where asked', () => {
  expect(lintText([finding])).not.toContain('\u001B');
  expect(lintText([finding], { colour: true })).toContain('\u001B[31m');
});

test('what a terminal would obey is shown, not sent, and the underline stays in place', () => {
  const hostile = 'k: \u001B]0;owned\u0007\u202Ex\ty\u0000\u009Bz\n';
  const [found] = locate({ name: 'a\u001B[2J.yaml', text: hostile }, [
    {
      rule: 'r',
      severity: 'warning',
      message: 'bad \u001B[31m',
      hint: '\u202E',
      span: { start: hostile.indexOf('z'), end: hostile.indexOf('z') + 1 },
    },
  ]) as [Finding];
  const output = lintText([found]);
  expect(output.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202E]/u);
  const [, source = '', marks = ''] = output.split('\n');
  expect(source[marks.indexOf('^')]).toBe('z');
});

test('the summary counts', () => {
  expect(lintSummary([], 1)).toBe('no findings in 1 file');
  expect(lintSummary([finding, finding, { ...finding, severity: 'warning' }], 3)).toBe('2 errors, 1 warning in 3 files');
});
