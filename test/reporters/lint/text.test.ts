import { expect, test } from 'vitest';
import { lintSummary, lintText } from '../../../src/reporters/lint/text.ts';
import { findingIn, hostile, reportOf } from './report.ts';

const text = 'steps:\n  - timeuot: 3s\n';
const finding = findingIn('a.yaml', text, 'timeuot', { message: 'unknown key `timeuot`', hint: 'did you mean `timeout`?' });

test('place, message, source line, underline and hint, and once where each rule is explained', () => {
  expect(lintText(reportOf([finding, findingIn('b.yaml', text, '3s', { rule: 'wrong-type' }), finding]))).toBe(
    [
      'a.yaml:2:5: error: unknown key `timeuot` [unknown-key]',
      '  2 |   - timeuot: 3s',
      '    |     ^~~~~~~',
      '    = did you mean `timeout`?',
      'b.yaml:2:14: error: found [wrong-type]',
      '  2 |   - timeuot: 3s',
      '    |              ^~',
      'a.yaml:2:5: error: unknown key `timeuot` [unknown-key]',
      '  2 |   - timeuot: 3s',
      '    |     ^~~~~~~',
      '    = did you mean `timeout`?',
      '',
      'see  sim explain unknown-key  docs/reference/rules/unknown-key.md',
      'see  sim explain wrong-type   docs/reference/rules/wrong-type.md',
      '',
    ].join('\n'),
  );
});

test('nothing found, nothing said; and no excerpt where there is no text', () => {
  expect(lintText(reportOf([]))).toBe('');
  expect(lintText(reportOf([findingIn('a', '', '')]))).toBe(
    'a:1:1: error: found [unknown-key]\n\nsee  sim explain unknown-key  docs/reference/rules/unknown-key.md\n',
  );
});

test('colours only where asked', () => {
  expect(lintText(reportOf([finding]))).not.toContain('\u001B');
  expect(lintText(reportOf([finding], { colour: true }))).toContain('\u001B[31m');
});

test.each([
  ['tabs', '\tk:\tvalue', 4],
  ['Chinese', '说明: 値value', 8],
  ['Korean and emoji', '한글 😀: value', 9],
  ['marks on letters', 'e\u0301a\u0308: value', 4],
  ['a flag', 'ok 🇨🇭: value', 7],
])('the underline stands under the value after %s, in columns of a terminal', (_, line, columns) => {
  const [, , marks] = lintText(reportOf([findingIn('a', line, 'value')])).split('\n');
  expect(marks).toBe(`    | ${' '.repeat(columns)}^~~~~`);
});

test('a long line is cut around the place, with a mark on either side', () => {
  const [, source = '', marks = ''] = lintText(reportOf([findingIn('a', `${'😀'.repeat(400)}HERE${'x'.repeat(900)}`, 'HERE')])).split('\n');
  expect(source).toMatch(/^ {2}1 \| …(😀)+HEREx+…$/u);
  expect(marks.trim().replace('| ', '').trim()).toBe('^~~~');
});

test('what a terminal or a log would obey is shown, not sent', () => {
  const output = lintText(reportOf([hostile]));
  expect(output.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\u2028]/u);
  expect(output).not.toMatch(/^\s*::/m);
  expect(output).not.toMatch(/##(\[|vso\[)/);
});

test('the summary counts', () => {
  expect(lintSummary([], 1)).toBe('no findings in 1 file');
  expect(lintSummary([finding, finding, { ...finding, severity: 'warning' }], 3)).toBe('2 errors, 1 warning in 3 files');
  expect(lintSummary([{ ...finding, severity: 'info' }], 2, 1)).toBe('1 finding fixed; 1 note in 2 files');
});
