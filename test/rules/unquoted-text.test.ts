import { expect, test } from 'vitest';
import { unquotedText } from '../../src/rules/unquoted-text.ts';
import { stepTypes } from '../../src/steps/index.ts';
import { playbookOf } from '../fakes/step-types.ts';
import { findingsOf, fixedBy, underlinedBy } from './findings.ts';

const steps = { steps: stepTypes };
const withWord = (word: string) => playbookOf(`  - exec: {pod: {selector: a=b}, command: [python3, ${word}]}\n`);

test.each([
  ['1.10', 'the number `1.1`'],
  ['0o644', 'the number `420`'],
  ['0x1F', 'the number `31`'],
  ['1e3', 'the number `1000`'],
  ['007', 'the number `7`'],
  ['+5', 'the number `5`'],
  ['-0', 'the number `0`'],
  ['.5', 'the number `0.5`'],
  ['1.', 'the number `1`'],
  ['0.0000001', 'the number `1e-7`'],
  ['12345678901234567890', 'the number `12345678901234567000`'],
  ['TRUE', '`true`'],
  ['False', '`false`'],
])('%s as an argument is %s', (word, is) => {
  const text = withWord(word);
  expect(findingsOf(unquotedText, text, steps)).toEqual([`5:53: warning: \`${word}\` without quotes is ${is}, and that is what is used`]);
  const fixed = fixedBy(unquotedText, text, steps);
  expect(fixed).toBe(withWord(`"${word}"`));
  expect(findingsOf(unquotedText, fixed, steps)).toEqual([]);
});

test.each(['443', '-1', '1.5', 'true', '"1.10"', "'007'", '1.10.0', '0b1', '2024-01-01', '1_000', 'yes', 'a1.10', '"True", 5'])(
  '%s is used as it is written',
  (word) => expect(findingsOf(unquotedText, withWord(word), steps)).toEqual([]),
);

test('every place that takes a text is looked at, and no other', () => {
  const text = playbookOf(`  - script:
      pod: {selector: a=b}
      script: "true"
      args: [1.10]
      env: {"VERSION":1.20}
      stdin: 1.30
      expect: {exitCode: 0x0, stdout: {contains: 1.40}}
  - curl: {pod: {selector: a=b}, via: portForward, port: 0x50, url: /, query: {v: 1.50}, headers: {v: 1.60}, body: 1.70}
  - deploy: {chart: ../charts/x, values: {ratio: 1.80}, roles: {a: {labels: {app: a}}}}
`);
  expect(underlinedBy(unquotedText, text, steps)).toEqual(['1.10', '1.20', '1.30', '1.40', '1.50', '1.60', '1.70']);
});

test('what an alias repeats is told at its anchor', () => {
  expect(underlinedBy(unquotedText, withWord('&v 1.10, *v'), steps)).toEqual(['1.10']);
});
