// Sigma's rules: conditions, modifiers and fields, by rules of our own in its format.
import { describe, expect, test } from 'vitest';
import type { TestEvent } from '../../../src/detector/detection.ts';
import { cidrOf } from '../../../src/detector/sigma/cidr.ts';
import { readSigmaRule, sigmaDetector } from '../../../src/detector/sigma/rule.ts';
import { observationsOf } from '../../../src/detector/test-events.ts';

const LINUX = 'logsource: {product: linux, category: process_creation}';
const AUDIT = 'logsource: {product: kubernetes, service: audit}';

function found(source: string, detection: string, event: TestEvent): boolean {
  const rule = readSigmaRule(
    'a',
    `title: A rule\nid: x\nlevel: high\ntags: [attack.t1046]\n${source}\ndetection:\n${detection.replace(/^/gm, '  ')}`,
  );
  if (typeof rule === 'string') throw new Error(rule);
  return observationsOf([event]).flatMap((each) => sigmaDetector([rule]).observe(each)).length > 0;
}

const curl: TestEvent = { argv: ['curl', '-s', 'http://Example.com/a'], executable: '/usr/bin/curl', ancestors: [['bash', '-c', 'x']] };

describe('values', () => {
  test.each([
    ['Image|endswith: /curl', true],
    ['Image|endswith: [/wget, /CURL]', true],
    ['Image: curl', false],
    ['Image: "*/curl"', true],
    ['Image: "/usr/bin/cur?"', true],
    ['CommandLine|contains: example.COM', true],
    ['CommandLine|contains|cased: example.COM', false],
    ['CommandLine|contains|all: [http, example]', true],
    ['CommandLine|contains|all: [http, other]', false],
    ['CommandLine|contains: "http*/a"', true],
    ['CommandLine|startswith: curl', true],
    ['CommandLine|re: "http://[A-Z]xample"', true],
    ['CommandLine|re: "http://[X-Z]xample"', false],
    ['ParentImage|endswith: /bash', true],
    ['ParentCommandLine|contains: "-c x"', true],
    ['User: root', true],
    ['LogonId: 0', false],
    ['LogonId: null', true],
    ['Image|exists: true', true],
    ['LogonId|exists: false', true],
  ])('%s', (line, expected) => expect(found(LINUX, `selection:\n  ${line}\ncondition: selection`, curl)).toBe(expected));

  test('a list of maps is one of them, words stand anywhere', () => {
    expect(found(LINUX, 'a:\n  - Image: x\n  - Image|endswith: curl\ncondition: a', curl)).toBe(true);
    expect(found(LINUX, 'words: [nothing, example.com]\ncondition: words', curl)).toBe(true);
  });
});

describe('conditions', () => {
  const parts = 'yes_1: {Image|endswith: curl}\nyes_2: {CommandLine|contains: http}\nno_1: {Image: x}\n_hidden: {Image: x}\n';
  test.each([
    ['yes_1 and yes_2', true],
    ['yes_1 and no_1', false],
    ['no_1 or yes_1 and yes_2', true],
    ['yes_1 and not no_1', true],
    ['not (yes_1 or no_1)', false],
    ['1 of no_*', false],
    ['1 of yes_*', true],
    ['all of yes_*', true],
    ['all of them', false],
    ['1 of them', true],
    ['2 of them', true],
    ['3 of them', false],
    ['yes_1 AND NOT 1 of no_*', true],
  ])('%s', (condition, expected) => expect(found(LINUX, `${parts}condition: ${condition}`, curl)).toBe(expected));
});

describe('the audit log', () => {
  const pod: TestEvent = {
    verb: 'create',
    resource: 'pods/exec',
    apiGroup: 'apps',
    namespace: 'kube-system',
    name: 'p',
    user: 'alice',
    code: 403,
    object: { spec: { volumes: [{ hostPath: { path: '/etc' } }], containers: [{ name: 'a' }, { name: 'b' }] } },
  };
  test.each([
    ['verb: create', true],
    ['objectRef.resource: pods', true],
    ['objectRef.subresource: exec', true],
    ['apiGroup: apps', true],
    ['responseStatus.code: [401, 403]', true],
    ['objectRef.namespace: kube-system', true],
    ['user.username|startswith: ali', true],
    ['hostPath: "*"', true],
    ['capabilities: "*"', false],
    ['requestObject.spec.containers.name: b', true],
    ['objectRef.name|exists: false', false],
  ])('%s', (line, expected) => expect(found(AUDIT, `selection:\n  ${line}\ncondition: selection`, pod)).toBe(expected));
});

describe('what is not known is said', () => {
  test.each([
    ['another log source', 'logsource: {product: windows}\ndetection: {a: {Image: x}, condition: a}', 'log source'],
    ['a count', `${LINUX}\ndetection: {a: {Image: x}, timeframe: 5m, condition: a}`, 'within a time'],
    ['a modifier', `${LINUX}\ndetection: {a: {Image|base64offset: x}, condition: a}`, '`base64offset`'],
    ['a name that is not there', `${LINUX}\ndetection: {a: {Image: x}, condition: a and b}`, '`b`'],
    ['an open parenthesis', `${LINUX}\ndetection: {a: {Image: x}, condition: (a}`, 'parenthesis'],
    ['a pattern', `${LINUX}\ndetection: {a: {Image|re: "(?<=x)"}, condition: a}`, 'regular expression'],
    ['no rule', 'a: 1', 'no Sigma rule'],
    ['no YAML', 'a: [', 'no Sigma rule'],
  ])('%s', (_, text, message) => expect(readSigmaRule('a', text)).toContain(message));
});

test('networks', () => {
  expect(cidrOf('10.0.0.0/8')?.('10.1.2.3')).toBe(true);
  expect(cidrOf('10.0.0.0/8')?.('11.1.2.3')).toBe(false);
  expect(cidrOf('fd00::/8')?.('fd00:ec2::254')).toBe(true);
  expect(cidrOf('fd00::/8')?.('10.0.0.1')).toBe(false);
  expect(cidrOf('0.0.0.0/0')?.('8.8.8.8')).toBe(true);
  for (const wrong of ['10.0.0.0', '10.0.0/8', '10.0.0.0/33', 'x/8', '1:2:3/16']) expect(cidrOf(wrong)).toBeUndefined();
});
