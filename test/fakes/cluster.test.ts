// The fake cluster keeps the contract of the real one, and lets a test refuse calls.
import { expect, test } from 'vitest';
import type { PodReference, WatchEvent } from '../../src/ports/cluster.ts';
import { Failure } from '../../src/ports/failure.ts';
import { clusterContract } from '../contract/cluster.ts';
import { fakeCluster } from './cluster.ts';

const signal = new AbortController().signal;

clusterContract('the fake', async () => {
  const cluster = fakeCluster();
  const usual = cluster.podStatus;
  cluster.podStatus = (pod) => {
    const phase = pod.metadata.annotations?.['kubesim.test/phase'];
    return phase === undefined ? usual(pod) : { phase };
  };
  const print = (pod: PodReference, lines: string[]) => {
    for (const line of lines) cluster.print(pod, line);
  };
  return { cluster, image: undefined, print };
});

test('a call can be refused, and is remembered', async () => {
  const cluster = fakeCluster();
  cluster.intercept = (call) => {
    if (call.verb === 'apply') throw new Failure('admission-denied', 'no', { policy: 'p' });
  };
  await expect(cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'x' } }, {}, signal)).rejects.toMatchObject({
    code: 'admission-denied',
  });
  expect(cluster.calls).toMatchObject([{ verb: 'apply', object: { metadata: { name: 'x' } } }]);
});

test('a Deployment has pods, which go with it', async () => {
  const cluster = fakeCluster();
  const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [] } };
  await cluster.apply(
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a', namespace: 'default' }, spec: { replicas: 2, template } },
    {},
    signal,
  );
  const stop = new AbortController();
  const told: WatchEvent[] = [];
  for await (const event of cluster.watch({ apiVersion: 'v1', kind: 'Pod', labelSelector: 'app in (a, b)' }, stop.signal)) {
    told.push(event);
    if (event.type === 'SYNCED')
      await cluster.delete({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'a', namespace: 'default' }, {}, signal);
    if (told.filter(({ type }) => type === 'DELETED').length === 2) stop.abort();
  }
  expect(cluster.objects().map(({ kind }) => kind)).toEqual(['Namespace', 'Namespace']);
});
