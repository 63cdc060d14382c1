// Which kinds have no namespace, against what clusters and the step types say.
import { expect, test } from 'vitest';
import { isClusterScoped } from '../../src/reach/scope.ts';
import { shapes } from '../../src/reach/shapes/index.ts';
import { fakeCluster } from '../fakes/cluster.ts';

test('the kinds that a cluster serves', async () => {
  for (const { apiVersion, kind, namespaced } of await fakeCluster().resources(new AbortController().signal))
    expect(isClusterScoped({ apiVersion, kind }), `${apiVersion} ${kind}`).toBe(!namespaced);
});

test('the kinds that may stand outside', () => {
  for (const { apiVersion, kind, namespace } of shapes) expect(isClusterScoped({ apiVersion, kind })).toBe(namespace === undefined);
});

test.each([
  ['storage.k8s.io/v1', 'StorageClass', true],
  ['apps/v1', 'Deployment', false],
  ['example.com/v1', 'Node', false],
  ['v1', '__proto__', false],
])('%s %s: %s', (apiVersion, kind, expected) => expect(isClusterScoped({ apiVersion, kind })).toBe(expected));
