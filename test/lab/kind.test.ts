import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { kindDriver } from '../../src/lab/kind.ts';
import { fakeWorld } from './fake-world.ts';

const never = new AbortController().signal;
const template = readFileSync(new URL('../../lab/kind/cluster.yaml', import.meta.url), 'utf8');

function world(answers: Record<string, { exitCode?: number; stdout?: string; stderr?: string }> = {}) {
  const all: typeof answers = { 'docker image ls': { stdout: 'kindest/node:v1.34.0\n' }, ...answers };
  const made = fakeWorld((line) => all[Object.keys(all).find((start) => line.startsWith(start)) ?? '']);
  made.contents.set('/kubesim/lab/kind/cluster.yaml', template);
  return made;
}

test('up: creates the cluster with the audit policy, builds the images, loads them', async () => {
  const machine = world();
  const record = await kindDriver(machine).up({ cloud: 'azure' }, machine.report, never);
  expect(machine.commands.filter((line) => !line.startsWith('docker image ls')).sort()).toEqual([
    'docker build --tag simlab/attacker:1 /kubesim/images/attacker',
    'docker build --tag simlab/victim:1 /kubesim/images/victim',
    'kind create cluster --name kubesim-lab --image kindest/node:v1.34.0 --config - --kubeconfig /var/lib/kubesim/lab/kubeconfig --wait 120s',
    'kind get clusters',
    'kind load docker-image simlab/attacker:1 --name kubesim-lab',
    'kind load docker-image simlab/victim:1 --name kubesim-lab',
  ]);
  const configuration = parse(machine.inputs[0] ?? '');
  expect(configuration.nodes[0].extraMounts[0].hostPath).toBe('/kubesim/lab/audit-policy.yaml');
  expect(parse(configuration.nodes[0].kubeadmConfigPatches[0]).apiServer.extraArgs['audit-policy-file']).toBe(
    '/etc/kubernetes/audit-policy.yaml',
  );
  expect(record).toMatchObject({
    driver: 'kind',
    kubeconfig: '/var/lib/kubesim/lab/kubeconfig',
    images: { victimImage: 'simlab/victim:1' },
  });
  expect(await kindDriver(machine).status()).toMatchObject({ state: 'down' });
});

test('up, where it runs already: the kubeconfig is written anew', async () => {
  const machine = world({ 'kind get clusters': { stdout: 'other\nkubesim-lab\n' } });
  await kindDriver(machine).up({ cloud: 'azure' }, machine.report, never);
  expect(machine.commands).toContain('kind export kubeconfig --name kubesim-lab --kubeconfig /var/lib/kubesim/lab/kubeconfig');
  expect(machine.commands.some((line) => line.startsWith('kind create'))).toBe(false);
  expect(await kindDriver(machine).status()).toMatchObject({ state: 'up' });
});

test('up without an engine says what to do', async () => {
  const machine = world({ 'docker image ls': { exitCode: 1 } });
  await expect(kindDriver(machine).up({ cloud: 'azure' }, machine.report, never)).rejects.toMatchObject({ code: 'configuration' });
});

test('down and purge', async () => {
  const machine = world();
  await kindDriver(machine).down(machine.report, never);
  expect(machine.commands).toEqual(['kind delete cluster --name kubesim-lab --kubeconfig /var/lib/kubesim/lab/kubeconfig']);
  await kindDriver(machine).purge(machine.report, never);
  expect(machine.commands.slice(2)).toEqual(['docker image rm simlab/victim:1', 'docker image rm simlab/attacker:1']);
  const broken = world({ 'kind delete': { exitCode: 1, stderr: 'no permission' } });
  await expect(kindDriver(broken).down(broken.report, never)).rejects.toThrow(/no permission/);
});
