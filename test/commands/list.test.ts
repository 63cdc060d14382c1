import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sim } from './session.ts';

const folder = mkdtempSync(join(tmpdir(), 'sim-list-'));
const playbook = (name: string, more = '') => `apiVersion: kubesim/v1
kind: Playbook
metadata: {name: ${name}, title: My ${name}, risk: high}
${more}steps:
  - {id: scan, attack: [T1046, T1611], exec: {pod: {selector: a=b}, command: [nmap], expect: {exitCode: 0}}}
  - expect-alert: {alert: network-scanning-tool, of: scan}
  - expect-alert: {alert: drift-binary, of: scan, count: 0}
`;
beforeAll(() => {
  mkdirSync(join(folder, 'discovery'));
  mkdirSync(join(folder, 'node_modules'));
  writeFileSync(join(folder, 'discovery', 'mine.yaml'), playbook('mine', 'inputs: {port: {type: integer, default: 1}}\n'));
  writeFileSync(join(folder, 'broken.yaml'), playbook('broken').replace('exec:', 'exce:'));
  writeFileSync(join(folder, 'manifest.yaml'), 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n');
  writeFileSync(join(folder, 'node_modules', 'other.yaml'), playbook('other'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('the scenarios that come with sim, a line each where there is no terminal', async () => {
  const { code, stdout } = await sim(['list']);
  expect(code).toBe(0);
  const [head, ...lines] = stdout.trimEnd().split('\n');
  expect(head?.split(/\s+/)).toEqual(['NAME', 'TITLE', 'RISK', 'INPUTS', 'TACTICS', 'TECHNIQUES', 'ALERTS']);
  expect(lines.find((line) => line.startsWith('reconnaissance '))).toMatch(/Discovery.*T1046.*network-scanning-tool/);
});

test('those of a folder and of the folders in it; what is no valid playbook is named', async () => {
  const { code, stdout, stderr } = await sim(['list', folder, '-o', 'json']);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toEqual({
    version: 1,
    playbooks: [
      {
        file: join(folder, 'discovery', 'mine.yaml'),
        name: 'mine',
        title: 'My mine',
        risk: 'high',
        tactics: ['Privilege Escalation', 'Discovery'],
        techniques: ['T1046', 'T1611'],
        alerts: ['network-scanning-tool'],
        inputs: ['port'],
        steps: 3,
      },
    ],
  });
  expect(stderr).toBe(`sim list: ${join(folder, 'broken.yaml')} is not a valid playbook; see sim lint ${join(folder, 'broken.yaml')}\n`);
});

test.each([
  ['--alerts', 'alerts', /web-shell-activity.*Possible web shell activity.*T1505\.003,T1059\.004.*Microsoft Defender for Cloud,Falco/],
  ['--steps', 'steps', /exec +Runs a program in a pod and waits for its end\. +stdout,stderr,exitCode,json/],
  ['--rules', 'rules', /duplicate-id +error +Each id names one step/],
])('%s', async (option, key, line) => {
  expect((await sim(['list', option])).stdout).toMatch(line);
  const { stdout } = await sim(['list', option, '-o', 'json']);
  expect((JSON.parse(stdout) as Record<string, object[]>)[key]?.length).toBeGreaterThan(3);
});

test.each([60, 80, 120])('on %i columns every line fits, and nothing is lost', async (columns) => {
  const { stdout } = await sim(['list'], { columns });
  expect(stdout.split('\n').filter((line) => line.length > columns)).toEqual([]);
  for (const word of ['reconnaissance', 'Credential Access', 'T1552.005', 'suspicious-service-account-operation'])
    expect(stdout).toContain(word);
});

test.each([
  [['list', '--alerts', '--steps'], /cannot be used with option/],
  [['list', '--alerts', folder], /folders are for playbooks/],
  [['list', join(folder, 'gone')], /there is no folder or file/],
])('%j: exit 2', async (args, words) => {
  const { code, stderr } = await sim(args);
  expect(code).toBe(2);
  expect(stderr).toMatch(words);
});
