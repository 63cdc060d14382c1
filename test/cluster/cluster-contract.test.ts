// The adapter against a real cluster: SIM_TEST_KUBECONFIG names it, SIM_TEST_IMAGE an image that its nodes have ("" for none).
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import { env } from 'node:process';
import { describe, expect, test } from 'vitest';
import { connectCluster } from '../../src/adapters/kubernetes/connect.ts';
import { clusterContract } from '../contract/cluster.ts';

const kubeconfig = env['SIM_TEST_KUBECONFIG'];
const image = env['SIM_TEST_IMAGE'] ?? 'simlab/victim:1';
const pods = image !== '';
const open = async () => ({ cluster: await connectCluster({ kubeconfig, env }), image });

if (kubeconfig !== undefined) {
  clusterContract('the adapter', open, { pods });
  describe.skipIf(!pods)('a real pod', { timeout: 60_000 }, () => {
    test('is reached through a forwarded port, by many connections, and refuses where nothing listens', async () => {
      const { cluster } = await open();
      const signal = new AbortController().signal;
      const namespace = `sim-forward-${randomBytes(4).toString('hex')}`;
      const pod = { namespace, name: 'server' };
      // perl is in every Debian base image.
      const serve = String.raw`use IO::Socket::INET; $s=IO::Socket::INET->new(LocalPort=>8080,Listen=>9,ReuseAddr=>1) or die; print "ready\n"; while($c=$s->accept){while(<$c>){last if /^\r?$/} print $c "HTTP/1.0 200 OK\r\nContent-Length: 300000\r\n\r\n", "x"x300000; close $c}`;
      const spec = {
        terminationGracePeriodSeconds: 0,
        containers: [{ name: 'main', image, imagePullPolicy: 'IfNotPresent', command: ['perl', '-e', `$|=1; ${serve}`] }],
      };
      await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, {}, signal);
      try {
        await cluster.apply({ apiVersion: 'v1', kind: 'Pod', metadata: pod, spec }, {}, signal);
        const stop = new AbortController();
        for await (const { object } of cluster.watch({ apiVersion: 'v1', kind: 'Pod', namespace }, stop.signal)) {
          if ((object?.['status'] as { phase?: string } | undefined)?.phase === 'Running') stop.abort();
        }
        for await (const line of cluster.logs(pod, { follow: true, signal })) if (line === 'ready') break;
        const forwarded = await cluster.portForward(pod, 8080, signal);
        const sizes = await Promise.all([1, 2, 3].map(() => fetchSize(forwarded.port)));
        expect(sizes).toEqual([300_000, 300_000, 300_000]);
        await forwarded.close();
        await expect(fetchSize(forwarded.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
        const closed = await cluster.portForward(pod, 81, signal);
        await expect(fetchSize(closed.port)).rejects.toThrow();
        await closed.close();
      } finally {
        await cluster.delete({ apiVersion: 'v1', kind: 'Namespace', name: namespace }, {}, signal);
      }
    });
  });
} else if (env['CI']) {
  test('a real cluster is named by SIM_TEST_KUBECONFIG', () => expect.fail('SIM_TEST_KUBECONFIG is not set'));
} else {
  describe.skip('the adapter on a real cluster (SIM_TEST_KUBECONFIG is not set)', () => test('skipped', () => {}));
}

function fetchSize(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    http
      .get({ host: '127.0.0.1', port, agent: false }, async (response) => {
        let size = 0;
        for await (const chunk of response) size += (chunk as Buffer).length;
        resolve(size);
      })
      .on('error', reject);
  });
}
