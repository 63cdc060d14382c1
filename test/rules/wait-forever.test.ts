import { expect, test } from 'vitest';
import { waitForever } from '../../src/rules/wait-forever.ts';
import { playbookOf } from '../fakes/step-types.ts';
import { findingsOf, underlinedBy } from './findings.ts';

const ofScript = (script: string) => playbookOf(`  - command:\n      pod: p\n      argv: [sh, -c, ${JSON.stringify(script)}]\n`);
const endless = (script: string) => findingsOf(waitForever, ofScript(script)).length > 0;

test.each([
  'sleep infinity',
  '/bin/sleep inf',
  'id; tail -f /var/log/a',
  'tail -n0 -F a | grep x',
  'nc -lvp 4444',
  'ncat --listen 80',
  'ping attacker',
  'while true; do id; done',
  'while :\ndo\n  sleep 1\ndone',
  'until false; do id; done',
  'tcpdump -i eth0',
  'kubectl -n a logs -f pod/b',
  'kubectl port-forward pod/a 80',
  'python3 -m http.server 8000',
  'sudo -u app tail -f a',
  'sh -c "sleep infinity"',
])('%s never ends', (script) => expect(endless(script)).toBe(true));

test.each([
  'sleep 30',
  'tail -n 5 a',
  'tail -f a --pid=$$',
  'nc -z victim 80',
  'ping -c 3 attacker',
  'while true; do id; break; done',
  'while ! test -e a; do sleep 1; done',
  'while true; do id; done &',
  'timeout 5 tail -f a',
  'timeout -k 1 5 sh -c "while true; do id; done"',
  'tail -f a & nc -lp 80 | cat &',
  'tail -f a | head -n 1',
  'tail -f a | grep -m 1 x',
  'echo sleep infinity',
  "# tail -f a\nprintf 'nc -l'",
  'tcpdump -c 1',
  'kubectl logs pod/b',
  'cat <<END\ntail -f a\nEND',
])('%s ends', (script) => expect(findingsOf(waitForever, ofScript(script))).toEqual([]));

test('a program that is given as words, and one in a script, are underlined as they stand there', () => {
  expect(underlinedBy(waitForever, playbookOf('  - command: {pod: p, argv: [timeout, "5", sleep, infinity]}\n'))).toEqual([]);
  expect(underlinedBy(waitForever, playbookOf('  - command: {pod: p, argv: [sleep, infinity]}\n'))).toEqual(['[sleep, infinity]']);
  expect(underlinedBy(waitForever, ofScript('id && sleep infinity; id'))).toEqual(['sleep infinity']);
});

test('a step that names its own limit is taken at its word', () => {
  expect(findingsOf(waitForever, playbookOf('  - {timeout: 5s, command: {pod: p, argv: [sleep, infinity]}}\n'))).toEqual([]);
});

test.each([
  ['command: {pod: p, argv: [x], duration: 59s}', undefined],
  ['command: {pod: p, argv: [x], duration: 1m}', 'the wait of 1m does not end within the limit of `command`, 1m'],
  ['timeout: 2s\n    command: {pod: p, argv: [x], duration: 2500ms}', "the wait of 2500ms does not end within the step's `timeout`, 2s"],
  ['timeout: 2m\n    command: {pod: p, argv: [x], duration: 1m30s}', undefined],
  ['command: {pod: p, argv: [x], duration: "${{ inputs.long }}"}', undefined],
])('%s', (step, message) => {
  const found = findingsOf(waitForever, playbookOf(`  - ${step}\n`, 'inputs: {long: {type: duration, default: 2h}}\n'));
  expect(found.map((line) => line.replace(/^[\d:]+ error: /, ''))).toEqual(message === undefined ? [] : [message]);
});
