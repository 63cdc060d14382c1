import { expect, test } from 'vitest';
import { impossibleExpectation } from '../../src/rules/impossible-expectation.ts';
import { stepTypes } from '../../src/steps/index.ts';
import { playbookOf } from '../fakes/step-types.ts';
import { findingsOf } from './findings.ts';

const find = (step: string) =>
  findingsOf(impossibleExpectation, playbookOf(`  - ${step}\n`), { steps: stepTypes }).map((line) => line.replace(/^[\d:]+ error: /, ''));
const ofStdout = (matcher: string) => find(`exec: {pod: {selector: a=b}, shell: id, expect: {stdout: ${matcher}}}`);

test.each([
  ['200', 'is text, and never equals the number `200`'],
  ['true', 'is text, and never equals `true`'],
  ['{equals: 1.5}', 'is text, and never equals the number `1.5`'],
  ['{equals: [a]}', 'is text, and never equals a list'],
  ['{equals: a, contains: b}', 'can never be as expected: what equals the text `a` does not fit the rest'],
  ['{equals: a, contains: [a, "a\\n\\n"]}', 'can never be as expected: what equals the text `a` does not fit the rest'],
  ['{equals: a, matches: "^b"}', 'can never be as expected: what equals the text `a` does not fit the rest'],
  ['{equals: a, cel: "value.size() > 3"}', 'can never be as expected: what equals the text `a` does not fit the rest'],
  ['{contains: a, cel: "1 > 2"}', 'can never be as expected: `1 > 2` is never true'],
])('a text is never %s', (matcher, says) => expect(ofStdout(matcher)).toEqual([`\`stdout\` ${says}`]));

test.each([
  '"200"',
  '{equals: a, contains: "a\\n"}',
  '{equals: a, matches: "a\\r\\n$"}',
  '{equals: a, contains: "${{ run.id }}"}',
  '{equals: "${{ run.id }}", contains: a}',
  '{equals: a, cel: "value.size() == 3"}',
  '{equals: a, cel: "int(value) == 3"}',
  '{cel: "true"}',
  '{contains: 200}',
])('a text may be %s', (matcher) => expect(ofStdout(matcher)).toEqual([]));

test.each([
  ['exec: {pod: {selector: a=b}, shell: id, expect: {exitCode: "1"}}', '`exitCode` is a whole number, and never equals the text `1`'],
  [
    'curl: {pod: {selector: a=b}, url: "http://a/", expect: {status: "200"}}',
    '`status` is a whole number, and never equals the text `200`',
  ],
  ['curl: {pod: {selector: a=b}, url: "http://a/", expect: {body: 7}}', '`body` is text, and never equals the number `7`'],
  [
    'curl: {pod: {selector: a=b}, url: "http://a/", expect: {headers: {Server: {equals: a, contains: b}}}}',
    '`Server` can never be as expected: what equals the text `a` does not fit the rest',
  ],
  [
    'api: {serviceAccount: a, verb: get, path: /version, expect: {status: 200.5}}',
    '`status` is a whole number, and never equals the number `200.5`',
  ],
  ['log: {pod: {selector: a=b}, expect: {text: 1}}', '`text` is text, and never equals the number `1`'],
])('%s', (step, message) => expect(find(step)).toEqual([message]));

test.each([
  'log: {pod: {selector: a=b}, expect: {line: a, count: 0}}',
  'api: {serviceAccount: a, verb: get, path: /version, expect: {json: {equals: {a: 1}}}}',
  'curl: {pod: {selector: a=b}, url: "http://a/", expect: {headers: {cel: "false"}}}',
])('%s may hold', (step) => expect(find(step)).toEqual([]));
