// The lab itself: what runs, what pods see in it, and that nothing leads out of it.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { dirname } from 'node:path';
import { env } from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labWorld } from '../../src/commands/lab-world.ts';
import type { Cloud, LabDriver } from '../../src/lab/driver.ts';
import { recordPath } from '../../src/lab/facts.ts';
import { openLab } from '../../src/lab/open.ts';
import { describeOnLab, lab } from './lab-under-test.ts';
import { type SleepingPod, sleepingPod } from './pod.ts';

const never = new AbortController().signal;
const run = `${dirname(recordPath(env))}/run`;
const processOf = (name: string): number => JSON.parse(readFileSync(`${run}/${name}.json`, 'utf8')).pid;

describeOnLab('the lab', () => {
  let pod: SleepingPod;
  let driver: LabDriver;
  const up = (cloud: Cloud) => driver.up({ cloud }, () => {}, never);
  beforeAll(async () => {
    driver = await openLab(undefined, labWorld(env));
    pod = await sleepingPod({ kubeconfig: lab().kubeconfig, image: lab().images.victimImage });
  });
  afterAll(() => pod?.remove());

  test('its status is up, with every part, and its node is the version that it says', async () => {
    const { state, parts, kubeconfig } = await driver.status();
    expect(state).toBe('up');
    expect(parts.filter(({ running }) => !running)).toEqual([]);
    expect(kubeconfig).toBe(lab().kubeconfig);
    expect((await pod.cluster.version(never)).gitVersion).toMatch(/^v1\.\d+\.\d+$/);
  });

  test('its helm is one', () => {
    expect(execFileSync(lab().helm, ['version', '--template', '{{.Version}}'], { encoding: 'utf8' })).toMatch(/^v[34]\./);
  });

  test('DNS knows the cluster and the test domain, and nothing else', async () => {
    const { stdout } = await pod.shell('getent hosts kubernetes.default.svc.cluster.local mdc-eicar.alerts.security.azure.com example.com');
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split(/\s+/)[1]),
    ).toEqual(['kubernetes.default.svc.cluster.local', 'mdc-eicar.alerts.security.azure.com']);
  });

  test('a Service answers, and the scan of its range finds it', async () => {
    expect((await pod.shell('curl -sk -m 5 -o /dev/null -w "%{http_code}" https://kubernetes.default/version')).stdout).toBe('200');
    const { stdout } = await pod.shell('nmap -Pn --open kubernetes.default/24 -p 443');
    expect(stdout).toContain('443/tcp open');
    expect(stdout).toContain('256 IP addresses');
  });

  test('the threat-intelligence domain answers', async () => {
    const { stdout } = await pod.shell(
      'curl -s -m 10 -X POST -o /dev/null -w "%{http_code}" "http://mdc-eicar.alerts.security.azure.com?SendingData"',
    );
    expect(stdout).toBe('200');
  });

  describe.runIf(driverIsNative())('made natively', () => {
    test('up where all is up changes no process', async () => {
      const names = ['namespaces', 'etcd', 'containerd', 'kube-apiserver', 'kubelet', 'kube-proxy', 'coredns', 'cloud-stub', 'forward'];
      const before = names.map(processOf);
      await up('azure');
      expect(names.map(processOf)).toEqual(before);
    });

    test('its network has no default route, and no link but to its own pods', async () => {
      const of = (file: string) =>
        readFileSync(`/proc/${processOf('namespaces')}/net/${file}`, 'utf8')
          .trim()
          .split('\n');
      const destinations = of('route')
        .slice(1)
        .map((line) => line.split('\t')[1]);
      expect(destinations.length).toBeGreaterThan(0);
      expect(destinations).not.toContain('00000000');
      const links = of('dev')
        .slice(2)
        .map((line) => line.split(':')[0]?.trim() ?? '');
      expect(links.filter((name) => !/^(lo|node0|veth\w+)$/.test(name))).toEqual([]);
      const ofHost = readFileSync('/proc/self/net/dev', 'utf8');
      for (const name of links.filter((link) => link !== 'lo')) expect(ofHost).not.toContain(`${name}:`);
    });

    test('a pod cannot reach the host', async () => {
      const addresses = Object.values(networkInterfaces()).flatMap((list) =>
        (list ?? []).filter(({ family, internal }) => family === 'IPv4' && !internal),
      );
      for (const { address } of addresses) {
        const { exitCode } = await pod.shell(`curl -s -m 3 telnet://${address}:16443 < /dev/null`);
        // 7: could not connect. A timeout would be 28.
        expect(exitCode, address).toBe(7);
      }
    });

    test('the host sees none of its mounts', () => {
      expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(dirname(run));
    });

    test('the audit log has requests, but no bodies of secrets', async () => {
      const name = `audit-${pod.namespace}`;
      const metadata = { name, namespace: pod.namespace };
      await pod.cluster.apply({ apiVersion: 'v1', kind: 'Secret', metadata, stringData: { word: 'do-not-write-this' } }, {}, never);
      await pod.cluster.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata }, {}, never);
      const { auditLog = '' } = await driver.status();
      const text = readFileSync(auditLog, 'utf8');
      const events = text
        .split('\n')
        .filter((line) => line.includes(name))
        .map((line) => JSON.parse(line));
      const of = (resource: string) => events.find(({ objectRef }) => objectRef?.resource === resource);
      expect(of('secrets')).toMatchObject({ level: 'Metadata', verb: 'patch' });
      expect(of('serviceaccounts')).toMatchObject({ level: 'Request', requestObject: { kind: 'ServiceAccount' } });
      expect(text).not.toContain('do-not-write-this');
      expect(text).not.toContain(Buffer.from('do-not-write-this').toString('base64'));
    });

    describe('plays one cloud at a time', () => {
      afterAll(() => up('azure'));
      const probes: Record<Cloud, string> = {
        azure:
          'curl -s -w "%{http_code}" -H Metadata:true "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=x"',
        aws: 'curl -s -w "%{http_code}" -X PUT -H "X-aws-ec2-metadata-token-ttl-seconds: 60" http://169.254.169.254/latest/api/token',
        gcp: 'curl -s -w "%{http_code}" -H "Metadata-Flavor: Google" http://169.254.169.254/computeMetadata/v1/instance/service-accounts/default/token',
      };
      test.each(['aws', 'gcp', 'azure'] as const)('%s', async (cloud) => {
        await up(cloud);
        expect((await driver.status()).cloud).toBe(cloud);
        for (const [name, probe] of Object.entries(probes)) {
          const { stdout } = await pod.shell(`${probe} --retry 5 --retry-connrefused -m 5`);
          expect(stdout, name).toMatch(name === cloud ? /SIMLAB-CANARY-TOKEN[\s\S]*200$/ : /404$/);
        }
      });
    });
  });
});

function driverIsNative(): boolean {
  try {
    return JSON.parse(readFileSync(recordPath(env), 'utf8')).driver === 'native';
  } catch {
    return false;
  }
}
