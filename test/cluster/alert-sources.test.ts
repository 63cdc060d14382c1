// Alert sources that live in the cluster, on a real one: events that Kubernetes makes, and logs that pods really write.
import { env } from 'node:process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { falco } from '../../src/adapters/alert-sources/falco.ts';
import { kubernetes } from '../../src/adapters/alert-sources/kubernetes.ts';
import type { SourceWorld } from '../../src/adapters/alert-sources/source-type.ts';
import { systemClock } from '../../src/adapters/clock.ts';
import { connectCluster } from '../../src/adapters/kubernetes/connect.ts';
import type { Cluster } from '../../src/ports/cluster.ts';
import { testWorld } from '../adapters/alert-sources/world.ts';
import { watch } from '../contract/alert-source.ts';
import { settled } from './inventory.ts';
import { describeOnLab, lab } from './lab-under-test.ts';

describeOnLab('alert sources in a cluster', () => {
  const namespace = 'sim-alert-sources';
  const signal = AbortSignal.timeout(170_000);
  let cluster: Cluster;
  let world: SourceWorld;
  beforeAll(async () => {
    cluster = await connectCluster({ kubeconfig: lab().kubeconfig, env });
    world = testWorld(systemClock(), { cluster: async () => cluster });
    await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, {}, signal);
  });
  afterAll(async () => {
    await cluster?.delete({ apiVersion: 'v1', kind: 'Namespace', name: namespace }, {}, AbortSignal.timeout(60_000));
    await settled(cluster);
  });

  const startPod = async (name: string, container: object, labels: Record<string, string> = {}) =>
    await cluster.apply(
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace, labels },
        spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'falco', ...container }] },
      },
      {},
      signal,
    );
  const ready = async (name: string) => {
    const stop = new AbortController();
    for await (const { object } of cluster.watch({ apiVersion: 'v1', kind: 'Pod', namespace }, AbortSignal.any([signal, stop.signal]))) {
      const { conditions = [] } = (object?.status ?? {}) as { conditions?: { type: string; status: string }[] };
      if (object?.metadata.name === name && conditions.some(({ type, status }) => type === 'Ready' && status === 'True')) stop.abort();
    }
  };

  test('a warning of the kubelet is told, with the pod that it is about', async () => {
    const source = kubernetes.create({ name: 'events', from: 'events', namespace } as Parameters<typeof kubernetes.create>[0], world);
    expect(await source.check(signal)).toMatchObject([{ result: 'ok' }]);
    const watcher = await watch(source, Date.now());
    await watcher.heartbeat();
    await startPod('no-image', { image: 'registry.invalid/none:1', imagePullPolicy: 'Never' });
    expect(await watcher.alert('ErrImageNeverPull')).toMatchObject({
      type: 'kubelet',
      severity: 'medium',
      entities: { namespace, pod: 'no-image', container: 'falco' },
    });
    await watcher.stop();
  });

  test('logs are followed from pod to pod; what a pod that is gone might have said is a gap', async () => {
    const container = {
      image: lab().images.victimImage,
      imagePullPolicy: 'IfNotPresent',
      command: ['sh', '-c', 'touch /tmp/alerts; exec tail -f /tmp/alerts'],
    };
    const labels = { 'app.kubernetes.io/name': 'falco' };
    const say = async (pod: string, rule: string) => {
      const line = JSON.stringify({
        rule,
        priority: 'Notice',
        time: new Date().toISOString(),
        output_fields: { 'k8s.ns.name': namespace },
      });
      const { exitCode } = await cluster.exec({ namespace, name: pod, container: 'falco' }, ['tee', '-a', '/tmp/alerts'], {
        stdin: `${line}\n`,
        signal,
      });
      expect(exitCode).toBe(0);
    };
    await startPod('falco-1', container, labels);
    await ready('falco-1');
    await say('falco-1', 'Before');
    // Until it stands in the log: whoever asks before that is told of it as news.
    for await (const line of cluster.logs({ namespace, name: 'falco-1', container: 'falco' }, { follow: true, signal }))
      if (line.includes('Before')) break;
    const source = falco.create({ name: 'falco', namespace } as Parameters<typeof falco.create>[0], world);
    const watcher = await watch(source, Date.now());
    expect((await watcher.alert('Before')).baseline).toBe(true);
    await say('falco-1', 'While it watches');
    expect(await watcher.alert('While it watches')).toMatchObject({ severity: 'low', entities: { namespace } });
    await watcher.heartbeat();
    await cluster.delete({ apiVersion: 'v1', kind: 'Pod', name: 'falco-1', namespace }, { gracePeriodSeconds: 0 }, signal);
    await watcher.until('gap', ({ type }) => type === 'gap');
    await startPod('falco-2', container, labels);
    await ready('falco-2');
    await say('falco-2', 'Of the next pod');
    expect((await watcher.alert('Of the next pod')).baseline).toBeUndefined();
    await watcher.heartbeat();
    await watcher.stop();
  });
});
