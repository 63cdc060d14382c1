import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { repository } from '../steps/context.ts';
import { sim } from './session.ts';

test('without a topic: what there is', async () => {
  const { code, stdout } = await sim(['explain']);
  expect(code).toBe(0);
  for (const word of ['STEP TYPES', '`exec`', '`playbook`', '`expressions`', '`rules`']) expect(stdout).toContain(word);
});

test.each([
  [
    'exec',
    [
      'Runs a program in a pod',
      'Exactly one of `command`, `shell`.',
      'pod <text or map>, required',
      '`steps.<id>.stdout`',
      'create pods/exec',
      'EXAMPLE',
    ],
  ],
  ['exec.expect.stdout', ['What the program printed.', 'matcher', 'contains <', 'matches <regular expression>']],
  ['playbook.metadata.risk', ['one of `low`, `high`; default `low`']],
  ['playbook.steps.exec.pod', ['Which pod']],
  ['playbook.inputs.anything.type', ['Type of the input.', 'one of `string`, `integer`', 'required']],
  ['deploy.roles.victim.labels', ['Labels that the pod has.']],
  ['deploy.manifests.kind', ['Kind of the object.']],
  ['step', ['name <text>', 'ask for `step.KEY`']],
  ['step.retry', ['attempts <whole number>, required', 'backoff <number>, default 1']],
  ['matcher', ['contains <', 'conditions that all must hold']],
  ['step.timeout', ['duration', '`90s`']],
  [
    'web-shell-activity',
    [
      'Possible web shell activity',
      'T1505.003 Server Software Component: Web Shell (Persistence)',
      'Alert: Possible Web Shell activity detected',
      'Rule: Run shell untrusted (stable)',
    ],
  ],
  ['T1046', ['Network Service Discovery', 'Discovery', '`network-scanning-tool`']],
  ['t1552.005', ['Cloud Instance Metadata API', 'https://attack.mitre.org/techniques/T1552/005/']],
  ['duplicate-id', ['Error.', 'must name one step']],
  ['expressions', ['`inputs.<name>`', '`run.marker`', '`step', 'base64', '`7 / 2`']],
  ['base64', ['`base64(string): string`']],
  ['rules', ['`duplicate-id`']],
  ['alerts', ['`drift-binary`']],
] as const)('%s', async (topic, words) => {
  const { code, stdout, stderr } = await sim(['explain', topic]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  for (const word of words) expect(stdout).toContain(word);
});

describe('what is not there', () => {
  test.each([
    ['exce', 'there is nothing to explain about `exce`', 'did you mean `exec`?'],
    ['timeout', 'nothing to explain about `timeout`', 'did you mean `step.timeout`?'],
    ['manifests', 'nothing to explain', 'did you mean `deploy.manifests`?'],
    ['exec.exepct', '`exec` has no key `exepct`', 'did you mean `exec.expect`?'],
    ['playbook.metadata.owner', '`playbook.metadata` has no key `owner`', 'it has `name`, `title`, `description`, `risk`'],
    ['exec.stdin.more', '`exec.stdin` has no key `more`', 'it has no keys'],
    ['dupliacte-id', 'nothing to explain', 'did you mean `duplicate-id`?'],
    ['__proto__', 'nothing to explain', 'says what can be asked for'],
    ['constructor', 'nothing to explain', ''],
    ['T1064', 'ATT&CK has given up T1064 (Scripting)', 'nothing took its place'],
    ['T0000', 'nothing to explain', ''],
  ])('%s: exit 2 and what was meant', async (topic, problem, hint) => {
    const { code, stdout, stderr } = await sim(['explain', topic]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(problem);
    expect(stderr).toContain(hint);
    expect(stderr).not.toContain('fault of sim');
  });
});

test('JSON is the page as data', async () => {
  const { stdout } = await sim(['explain', 'exec.expect', '-o', 'json']);
  expect(JSON.parse(stdout)).toMatchObject({
    version: 1,
    kind: 'key',
    name: 'exec.expect',
    summary: 'What proves that the program did its work.',
  });
});

test('Markdown is the page of docs/reference', async () => {
  const { stdout } = await sim(['explain', 'exec', '-o', 'markdown']);
  expect(readFileSync(join(repository, 'docs', 'reference', 'steps', 'exec.md'), 'utf8')).toContain(stdout);
});

test.each([40, 60, 80])('on %i columns no line of prose is longer', async (columns) => {
  const { stdout } = await sim(['explain', 'deploy'], { columns });
  const [prose = ''] = stdout.split('\nEXAMPLE');
  expect(prose.split('\n').filter((line) => line.length > columns)).toEqual([]);
});
