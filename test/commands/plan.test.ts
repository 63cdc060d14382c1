import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { sim } from './session.ts';

const folder = mkdtempSync(join(tmpdir(), 'sim-plan-'));
const file = join(folder, 'mine.yaml');
beforeAll(() => {
  mkdirSync(join(folder, 'chart'));
  writeFileSync(join(folder, 'chart', 'Chart.yaml'), 'apiVersion: v2\nname: chart\nversion: 1.0.0\n');
  writeFileSync(
    file,
    `apiVersion: kubesim/v1
kind: Playbook
metadata: {name: mine, title: Mine, description: What it is for., risk: high}
inputs:
  port: {type: integer, default: 443}
  key: {type: secret, default: opensesame}
steps:
  - name: Deploy
    deploy:
      manifests:
        - {apiVersion: v1, kind: Pod, metadata: {name: victim, labels: {role: victim}}, spec: {containers: [{name: a, image: "example.org/a:1"}]}}
        - {apiVersion: example.org/v1, kind: Gadget, metadata: {name: gadget}}
      roles: {victim: {labels: {role: victim}}}
  - name: Deploy a chart
    deploy: {chart: ./chart}
  - name: Scan
    id: scan
    attack: [T1046]
    exec: {pod: victim, command: [nmap, -p, "\${{ inputs.port }}", --key, "\${{ inputs.key }}", "\${{ run.marker }}"], expect: {exitCode: 0}}
  - name: Count
    exec: {pod: victim, command: [grep, "\${{ steps.scan.stdout }}:\${{ inputs.port }}"]}
  - expect-alert: {alert: network-scanning-tool, of: scan, within: 90s}
`,
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const withoutHelm = { env: { PATH: folder } };

test('objects, images, commands with what is known, permissions, alerts; where helm is missing, the step says so', async () => {
  const { code, stdout, stderr } = await sim(['plan', file, '--set', 'port=8080'], withoutHelm);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  for (const line of [
    /^Mine {2}.*mine\.yaml {2}risk: high$/m,
    /^ {2}port {2}8080$/m,
    /^ {2}key {3}\*\*\*$/m,
    /^ {2}Namespace +sim-xxxxxxxx$/m,
    /^ {2}Pod +victim$/m,
    /^ {2}example\.org\/a:1$/m,
    /^ {5}in victim, run nmap -p 8080 --key \*\*\* sim-xxxxxxxx$/m,
    /^ {5}in victim, run grep <known at run time>:8080$/m,
    /^ {5}its objects are not known: helm .* is needed to render charts/m,
    /^ {2}pods\/exec +create, get$/m,
    /^ {2}pods +list, watch, delete, create, patch, get$/m,
    /^ {2}example\.org\/v1 Gadget +create, patch, get, delete; .* known to the cluster only$/m,
    /^ {2}network-scanning-tool {2}.* of scan, within 90 s$/m,
  ])
    expect(stdout).toMatch(line);
  expect(stdout).not.toContain('opensesame');
});

test('-v shows the steps whole', async () => {
  expect((await sim(['plan', file, '-v'], withoutHelm)).stdout).toContain(
    '     exec:\n       pod: victim\n       command:\n         - nmap\n         - -p\n         - 443\n',
  );
});

test('inputs come from files and the environment, too', async () => {
  const values = join(folder, 'values.yaml');
  writeFileSync(values, 'port: 81\n');
  expect((await sim(['plan', file, '--values', values], withoutHelm)).stdout).toContain('nmap -p 81 ');
  expect((await sim(['plan', file], { env: { ...withoutHelm.env, SIM_INPUT_PORT: '82' } })).stdout).toContain('nmap -p 82 ');
});

test('what reaches beyond the namespace of the run is named, and what a run would refuse: exit 1', async () => {
  const reaching = join(folder, 'reaching.yaml');
  writeFileSync(
    reaching,
    `apiVersion: kubesim/v1
kind: Playbook
metadata: {name: reaching, title: Reaching, risk: high}
inputs: {place: {type: string}}
steps:
  - deploy:
      manifests:
        - {apiVersion: v1, kind: Pod, metadata: {name: spy, namespace: "\${{ inputs.place }}"}, spec: {containers: [{name: a, image: "b:1"}]}}
        - {apiVersion: v1, kind: ConfigMap, metadata: {name: mine}}
`,
  );
  const { code, stdout } = await sim(['plan', reaching, '--set', 'place=kube-system'], withoutHelm);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^Outside of the run's namespace\n {2}Pod spy in kube-system$/m);
  expect(stdout).toMatch(/^ {2}pods \(in kube-system\) +create, patch, get, delete/m);
  expect(stdout).toMatch(/^Refused\n {2}Pod spy: /m);
  expect(stdout).not.toMatch(/ConfigMap mine: /);
});

test('yaml holds the objects as they would be created, and says what is missing on the side', async () => {
  const { stdout, stderr } = await sim(['plan', file, '-o', 'yaml'], withoutHelm);
  const objects = parseAllDocuments(stdout).map(
    (document) => document.toJS() as { kind: string; metadata: { namespace?: string; labels: object } },
  );
  expect(objects.map(({ kind }) => kind)).toEqual(['Namespace', 'Pod', 'Gadget']);
  expect(objects[1]?.metadata).toMatchObject({
    namespace: 'sim-xxxxxxxx',
    labels: { role: 'victim', 'app.kubernetes.io/instance': 'xxxxxxxx' },
  });
  expect(stderr).toContain('the objects of "Deploy a chart" are not known: helm');
});

test('json holds everything', async () => {
  const { stdout } = await sim(['plan', file, '-o', 'json'], withoutHelm);
  const { version, playbooks } = JSON.parse(stdout) as { version: number; playbooks: { steps: object[] }[] };
  expect(version).toBe(1);
  expect(playbooks[0]).toMatchObject({ name: 'mine', risk: 'high', images: ['example.org/a:1'], unknownKinds: ['example.org/v1 Gadget'] });
  expect(playbooks[0]?.steps[2]).toMatchObject({
    name: 'Scan',
    type: 'exec',
    attack: ['T1046'],
    body: { command: ['nmap', '-p', 443, '--key', '***', 'sim-xxxxxxxx'] },
  });
  expect(stdout).not.toContain('opensesame');
});

test.each([
  [['plan'], /missing required argument/],
  [['plan', 'gone.yaml'], /there is no file gone\.yaml/],
  [['plan', 'reconaissance'], /did you mean `reconnaissance`/],
  [['plan', file, '--set', 'prot=1'], /no input is named `prot`/],
  [['plan', file, '--set', 'port=x'], /must be a whole number/],
  [['plan', file, '--lab'], /a cluster is asked with --diff only/],
])('%j: exit 2', async (args, words) => {
  const { code, stdout, stderr } = await sim(args, withoutHelm);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(words);
});
