// What rules read of real steps, whose bodies the fakes do not have.
import { expect, test } from 'vitest';
import { load } from '../../src/language/load.ts';
import { objectsOf, programsIn, scriptsIn } from '../../src/rules/body.ts';
import { lint } from '../../src/rules/lint.ts';
import { stepTypes } from '../../src/steps/index.ts';
import { playbookOf } from '../fakes/step-types.ts';

const context = { steps: stepTypes };
function playbook(steps: string) {
  const { playbook: loaded, diagnostics } = load({ name: 'sample.yaml', text: playbookOf(steps) }, stepTypes);
  if (loaded === undefined) throw new Error(diagnostics[0]?.message);
  return loaded;
}
const rulesOf = (steps: string) => lint({ name: 'sample.yaml', text: playbookOf(steps) }, context).diagnostics.map(({ rule }) => rule);

test('the programs of `exec`, by words and by script', () => {
  const loaded = playbook('  - exec: {pod: p, command: [nmap, -p, 443]}\n  - exec: {pod: p, shell: "id; ls"}\n');
  expect(programsIn(loaded, context).map(({ path, command }) => [path.join('.'), command.words.join(' ')])).toEqual([
    ['steps.1.exec.shell', 'id'],
    ['steps.1.exec.shell', 'ls'],
    ['steps.0.exec.command', 'nmap -p 443'],
  ]);
});

test('a script for another program than a shell is a script, but holds no programs', () => {
  const loaded = playbook(
    '  - script: {pod: p, interpreter: [python3, -I], script: "sleep infinity"}\n  - script: {pod: p, script: "sleep 1"}\n',
  );
  expect(scriptsIn(loaded, context).map(({ value }) => value)).toEqual(['sleep infinity', 'sleep 1']);
  expect(programsIn(loaded, context).map(({ command }) => command.words.join(' '))).toEqual(['sleep 1']);
});

test('the object of a request to the API, with the kind and the place that stand beside it', () => {
  const ofApi = (more: string) =>
    playbook(
      `  - api: {serviceAccount: a, verb: create, apiVersion: v1, kind: Pod, namespace: default, ${more}object: {metadata: {name: x}, spec: {hostPID: true}}}\n`,
    );
  const [step] = ofApi('').steps;
  expect(step && objectsOf(step)).toEqual([
    {
      path: ['steps', 0, 'api', 'object'],
      value: { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'default', name: 'x' }, spec: { hostPID: true } },
    },
  ]);
  const [tried] = ofApi('dryRun: true, ').steps;
  expect(tried && objectsOf(tried)).toEqual([]);
});

test('rules find their mistakes in real steps', () => {
  expect(rulesOf('  - exec: {pod: p, shell: "tail -f /var/log/a"}\n')).toEqual(['wait-forever']);
  expect(rulesOf('  - wait: {duration: 10m}\n')).toEqual(['wait-forever']);
  expect(rulesOf('  - {id: a, exec: {pod: p, command: [id]}}\n  - script: {pod: p, script: "echo ${{ steps.a.stdout }}"}\n')).toEqual([
    'shell-injection',
  ]);
  expect(
    rulesOf(
      '  - {id: a, exec: {pod: p, command: [id]}}\n  - script: {pod: p, interpreter: python3, script: "print(${{ steps.a.stdout }})"}\n',
    ),
  ).toEqual(['shell-injection']);
  expect(
    rulesOf('  - {id: a, exec: {pod: p, command: [id]}}\n  - script: {pod: p, env: {A: "${{ steps.a.stdout }}"}, script: "echo $A"}\n'),
  ).toEqual([]);
  expect(rulesOf('  - curl: {pod: p, url: "http://victim/", query: {cmd: "rm -rf /"}}\n')).toEqual(['dangerous-command']);
  expect(
    rulesOf(
      '  - api: {serviceAccount: a, verb: create, apiVersion: v1, kind: Pod, object: {metadata: {name: x}, spec: {hostPID: true}}}\n',
    ),
  ).toEqual(['undeclared-risk']);
});
