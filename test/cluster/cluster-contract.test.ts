// The adapter against a real cluster: the lab.
import { randomBytes } from 'node:crypto';
import { env } from 'node:process';
import { afterAll, describe, expect, test } from 'vitest';
import { connectCluster } from '../../src/adapters/kubernetes/connect.ts';
import { clusterContract } from '../contract/cluster.ts';
import { settled } from './inventory.ts';
import { describeOnLab, lab } from './lab-under-test.ts';

describeOnLab('the adapter on a real cluster', () => {
  const { kubeconfig, images } = lab();
  const image = images.victimImage;
  const open = async () => ({ cluster: await connectCluster({ kubeconfig, env }), image });
  // Namespaces that the tests delete would vanish from under the next file's inventory.
  afterAll(async () => settled((await open()).cluster));
  clusterContract('the adapter', open);
  describe('a real pod', { timeout: 60_000 }, () => {
    test('answers requests through the port-forward, many at once', async () => {
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
          if ((object?.status as { phase?: string } | undefined)?.phase === 'Running') stop.abort();
        }
        for await (const line of cluster.logs(pod, { follow: true, signal })) if (line === 'ready') break;
        const answers = await Promise.all([1, 2, 3].map(() => cluster.request(pod, 8080, { method: 'GET', path: '/', signal })));
        expect(answers.map(({ status, body }) => [status, body.length])).toEqual(Array(3).fill([200, 300_000]));
      } finally {
        await cluster.delete({ apiVersion: 'v1', kind: 'Namespace', name: namespace }, {}, signal);
      }
    });
    test('of a container that was started again, the log of the run before can be read', async () => {
      const { cluster } = await open();
      const signal = new AbortController().signal;
      const namespace = `sim-again-${randomBytes(4).toString('hex')}`;
      const pod = { namespace, name: 'again' };
      const command = ['sh', '-c', 'if [ -e /keep/been ]; then echo second; exec sleep 600; fi; touch /keep/been; echo first; exit 1'];
      const volumeMounts = [{ name: 'keep', mountPath: '/keep' }];
      const spec = {
        terminationGracePeriodSeconds: 0,
        volumes: [{ name: 'keep', emptyDir: {} }],
        containers: [{ name: 'main', image, imagePullPolicy: 'IfNotPresent', command, volumeMounts }],
      };
      const read = async (previous: boolean) => {
        const lines: string[] = [];
        for await (const line of cluster.logs(pod, { previous, signal })) lines.push(line);
        return lines;
      };
      await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, {}, signal);
      try {
        await cluster.apply({ apiVersion: 'v1', kind: 'Pod', metadata: pod, spec }, {}, signal);
        const stop = new AbortController();
        for await (const { object } of cluster.watch({ apiVersion: 'v1', kind: 'Pod', namespace }, stop.signal)) {
          const { containerStatuses = [] } = (object?.status ?? {}) as { containerStatuses?: { restartCount: number; ready: boolean }[] };
          if (containerStatuses.some(({ restartCount, ready }) => restartCount === 1 && ready)) stop.abort();
        }
        expect([await read(true), await read(false)]).toEqual([['first'], ['second']]);
      } finally {
        await cluster.delete({ apiVersion: 'v1', kind: 'Namespace', name: namespace }, {}, signal);
      }
    });
  });
});
