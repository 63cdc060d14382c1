import { expect, test } from 'vitest';
import { refusals } from '../../src/engine/confine.ts';
import type { KubernetesObject } from '../../src/ports/cluster.ts';
import { fakeCluster } from '../fakes/cluster.ts';

const resources = await fakeCluster().resources(new AbortController().signal);
const refused = (object: KubernetesObject) => refusals(object, { namespace: 'sim-k3x9', risk: 'high', resources });

/** Each way to claim a volume. */
const claims: Record<string, (spec: object) => KubernetesObject> = {
  'a claim': (spec) => ({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'c' }, spec }),
  'a stateful set': (spec) => ({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 's' },
    // Of its pods.
    spec: { selector: { matchLabels: { a: 'b' } }, volumeClaimTemplates: [{ spec }] },
  }),
  'a pod': (spec) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { volumes: [{ name: 'v', ephemeral: { volumeClaimTemplate: { spec } } }] },
  }),
};

test.for(Object.entries(claims))('%s may ask for a new volume, and for none that is there already', ([, make]) => {
  const fresh = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } };
  expect(refused(make(fresh))).toEqual([]);
  expect(refused(make({ ...fresh, storageClassName: 'standard' }))).toEqual([]);
  for (const more of [{ volumeName: 'theirs' }, { selector: { matchLabels: {} } }, { storageClassName: '' }])
    expect(refused(make({ ...fresh, ...more }))).toEqual([expect.stringContaining('claims a volume that is there already')]);
});
