import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { kindDriver } from '../../src/lab/kind.ts';
import { Failure } from '../../src/ports/failure.ts';
import { fakeWorld } from './fake-world.ts';

const never = new AbortController().signal;
const template = readFileSync(new URL('../../lab/kind/cluster.yaml', import.meta.url), 'utf8');

function world(answers: Record<string, { exitCode?: number; stdout?: string; stderr?: string }> = {}) {
  const all: typeof answers = { 'docker image ls': { stdout: 'kindest/node:v1.34.0\n' }, 'go env': { stdout: 'go1.26.1\n' }, ...answers };
  const made = fakeWorld((line) => all[Object.keys(all).find((start) => line.startsWith(start)) ?? '']);
  made.contents.set('/kubesim/lab/kind/cluster.yaml', template);
  return made;
}

test('up: creates the cluster with the audit policy, builds the images, loads them', async () => {
  const machine = world();
  const record = await kindDriver(machine).up({ cloud: 'azure' }, machine.report, never);
  const key = /simlab\/sensor:(\w{16}) /.exec(machine.commands.join('\n'))?.[1];
  const folder = `/var/cache/kubesim/lab/sensor/${key}`;
  expect(machine.commands.filter((line) => !/^docker image ls|env GOVERSION$/.test(line)).sort()).toEqual([
    'docker build --tag simlab/attacker:1 /kubesim/images/attacker',
    `docker build --tag simlab/sensor:${key} --file /kubesim/images/sensor/Dockerfile ${folder}`,
    'docker build --tag simlab/victim:1 /kubesim/images/victim',
    `go build -v -trimpath -buildvcs=false -ldflags -s -w -X main.version=lab-${key} -o ${folder}.new/sensor .`,
    'helm upgrade sensor /kubesim/charts/sensor --install --create-namespace --namespace=kubesim-sensor --kubeconfig=/var/lib/kubesim/lab/kubeconfig --values=- --wait --timeout=120s',
    'kind create cluster --name kubesim-lab --image kindest/node:v1.34.0 --config - --kubeconfig /var/lib/kubesim/lab/kubeconfig --wait 120s',
    'kind get clusters',
    'kind load docker-image simlab/attacker:1 --name kubesim-lab',
    `kind load docker-image simlab/sensor:${key} --name kubesim-lab`,
    'kind load docker-image simlab/victim:1 --name kubesim-lab',
    `mv ${folder}.new ${folder}`,
  ]);
  expect(JSON.parse(machine.inputs[1] ?? '')).toEqual({
    image: { repository: 'simlab/sensor', tag: key, pullPolicy: 'Never' },
    allPods: true,
    audit: { enabled: true, path: '/var/log/kubernetes/audit.log' },
  });
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

test('the sensor is installed once, and taken out when it is not wanted', async () => {
  const machine = world({ 'kind get clusters': { stdout: 'kubesim-lab\n' }, 'docker exec': { stdout: '1/1' } });
  const helm = () => machine.commands.filter((line) => line.startsWith('helm'));
  await kindDriver(machine).up({ cloud: 'azure' }, machine.report, never);
  expect((await kindDriver(machine).status()).sensor).toBe('ready');
  await kindDriver(machine).up({ cloud: 'azure' }, machine.report, never);
  expect(helm()).toHaveLength(1);
  await kindDriver(machine).up({ cloud: 'azure', sensor: false }, machine.report, never);
  expect(helm()[1]).toBe(
    'helm uninstall sensor --namespace=kubesim-sensor --kubeconfig=/var/lib/kubesim/lab/kubeconfig --ignore-not-found --wait',
  );
  expect((await kindDriver(machine).status()).sensor).toBe('absent');
});

test('an installation that was cut short is begun anew', async () => {
  let fails = true;
  const machine = world();
  const { run } = machine.process;
  machine.process.run = (command, options) => {
    if (fails && command[0] === 'helm') throw new Failure('interrupted', 'Ctrl-C');
    return run(command, options);
  };
  await expect(kindDriver(machine).up({ cloud: 'azure' }, machine.report, never)).rejects.toMatchObject({ code: 'interrupted' });
  fails = false;
  await kindDriver(machine).up({ cloud: 'azure' }, machine.report, never);
  expect(machine.commands.filter((line) => line.startsWith('helm')).map((line) => line.split(' ')[1])).toEqual(['uninstall', 'upgrade']);
});

test('without Go the lab comes up without the sensor, and says so', async () => {
  const missing = fakeWorld((line) => {
    if (line.startsWith('docker image ls')) return { stdout: 'kindest/node:v1.34.0\n' };
    return line.endsWith('env GOVERSION') ? new Failure('command-not-found', 'no go') : undefined;
  });
  missing.contents.set('/kubesim/lab/kind/cluster.yaml', template);
  await kindDriver(missing).up({ cloud: 'azure' }, missing.report, never);
  expect(missing.commands.join('\n')).not.toMatch(/helm|sensor/);
  expect(missing.events).toContainEqual(expect.objectContaining({ type: 'note', text: expect.stringContaining('left out') }));
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
