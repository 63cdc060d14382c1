import { expect, test } from 'vitest';
import { dryRun } from '../../src/engine/dry-run.ts';
import type { KubernetesObject } from '../../src/ports/cluster.ts';
import { Failure } from '../../src/ports/failure.ts';

const place = { runNamespace: 'sim-a', namespace: 'default' };
const { signal } = new AbortController();
const pod: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'victim', namespace: 'sim-a' },
  spec: { serviceAccountName: 'x', containers: [] },
};

/** A cluster that answers so, and remembers what it was asked. */
function answering(answer: KubernetesObject | Failure, present?: KubernetesObject) {
  const applied: [KubernetesObject, object][] = [];
  return {
    applied,
    get: async () => present,
    apply: async (object: KubernetesObject, options: object) => {
      applied.push([object, options]);
      if (answer instanceof Failure) throw answer;
      return answer;
    },
  };
}

test("what belongs into the run's namespace is tried in one that exists, under another name, and only by dry run", async () => {
  const cluster = answering(pod);
  expect(await dryRun(pod, place, cluster, signal)).toEqual({ object: pod, result: 'created' });
  expect(cluster.applied).toEqual([
    [
      { ...pod, metadata: { name: 'sim-plan-victim', namespace: 'default', labels: {}, annotations: {} }, spec: { containers: [] } },
      { dryRun: true },
    ],
  ]);
});

const config = (data: object, more: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'coredns', namespace: 'kube-system', ...more },
  data,
});

test('what is there already is compared, but for what the server keeps', async () => {
  const before = config({ Corefile: 'a', other: 'x' }, { resourceVersion: '1', managedFields: [] });
  const changed = answering(config({ Corefile: 'b', other: 'x' }, { resourceVersion: '2' }), before);
  expect(await dryRun(config({ Corefile: 'b' }), place, changed, signal)).toMatchObject({ result: 'changed', fields: ['data.Corefile'] });
  expect(changed.applied[0]?.[1]).toEqual({ dryRun: true, force: true });
  const same = answering(config({ Corefile: 'a', other: 'x' }, { resourceVersion: '2' }), before);
  expect(await dryRun(config({ Corefile: 'a' }), place, same, signal)).toMatchObject({ result: 'unchanged' });
});

test('a denial names its control; other refusals are told, and no cluster is an error', async () => {
  const denied = answering(new Failure('admission-denied', 'violates baseline', { policy: 'Pod Security baseline' }));
  expect(await dryRun(pod, place, denied, signal)).toMatchObject({
    result: 'denied',
    policy: 'Pod Security baseline',
    message: 'violates baseline',
  });
  const invalid = answering(new Failure('invalid', 'spec.containers is required'));
  expect(await dryRun(pod, place, invalid, signal)).toMatchObject({ result: 'failed', message: 'spec.containers is required' });
  await expect(dryRun(pod, place, answering(new Failure('unreachable', 'no answer')), signal)).rejects.toMatchObject({
    code: 'unreachable',
  });
});
