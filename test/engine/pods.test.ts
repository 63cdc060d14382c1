import { expect, test } from 'vitest';
import { labelsOf } from '../../src/engine/identity.ts';
import { podFinder } from '../../src/engine/pods.ts';
import type { KubernetesObject } from '../../src/ports/cluster.ts';
import { fakeCluster } from '../fakes/cluster.ts';

const signal = new AbortController().signal;
const run = { id: 'k3x9', namespace: 'sim-k3x9', playbook: 'x' };
const ready = {
  phase: 'Running',
  conditions: [{ type: 'Ready', status: 'True' }],
  containerStatuses: [{ containerID: 'containerd://abc' }],
};

function pod(
  name: string,
  change: { labels?: Record<string, string>; status?: object; namespace?: string; created?: string } = {},
): KubernetesObject {
  const { labels = { role: 'victim' }, status = ready, namespace = run.namespace, created = '2026-01-01T00:00:00Z' } = change;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, creationTimestamp: created, labels: { ...labels, ...labelsOf(run) } },
    status,
  };
}

function finder(...pods: KubernetesObject[]) {
  return finderFor([], ...pods);
}

function finderFor(allowed: string[], ...pods: KubernetesObject[]) {
  const cluster = fakeCluster();
  for (const each of pods) cluster.put(each);
  const used: string[][] = [];
  const it = podFinder(cluster, run, allowed, ({ uid, containerIds }) => void used.push([uid, ...containerIds]));
  it.declareRoles({
    victim: { labels: { role: 'victim' } },
    sidecar: { labels: { role: 'victim' }, container: 'side' },
    shop: { selector: 'app=shop', namespace: 'shop', container: 'web' },
  });
  return { find: (selector: Parameters<typeof it.find>[0]) => it.find(selector, signal), used };
}

test('a role is the oldest ready pod with its labels; its container goes along', async () => {
  const { find, used } = finder(
    pod('young', { created: '2026-01-02T00:00:00Z' }),
    pod('old'),
    pod('starting', { status: { phase: 'Pending' } }),
  );
  expect(await find('victim')).toEqual({ namespace: 'sim-k3x9', name: 'old' });
  expect(await find('sidecar')).toEqual({ namespace: 'sim-k3x9', name: 'old', container: 'side' });
  expect(await find({ selector: 'role=victim', container: 'c' })).toEqual({ namespace: 'sim-k3x9', name: 'old', container: 'c' });
  expect(used[0]).toEqual([expect.any(String), 'abc']);
});

test("a pod that is not the run's own is never meant", async () => {
  const foreign = pod('foreign');
  const { find } = finder(
    { ...foreign, metadata: { ...foreign.metadata, labels: { role: 'victim' } } },
    pod('elsewhere', { namespace: 'default' }),
  );
  await expect(find('victim')).rejects.toMatchObject({ code: 'not-found', message: expect.stringContaining('there is no such pod') });
  await expect(find({ selector: 'role=victim', namespace: 'default' })).rejects.toMatchObject({ code: 'invalid' });
});

const existing = (name: string, change: Parameters<typeof pod>[1] = {}): KubernetesObject => {
  const made = pod(name, { namespace: 'shop', ...change });
  return { ...made, metadata: { ...made.metadata, uid: `uid-${name}`, labels: { app: 'shop' } } };
};

test('a pod that exists already is found where the operator allowed its namespace, and counts for the run', async () => {
  const { find, used } = finderFor(['shop'], existing('web'));
  expect(await find('shop')).toEqual({ namespace: 'shop', name: 'web', container: 'web' });
  expect(await find({ selector: 'app in (shop)', namespace: 'shop' })).toEqual({ namespace: 'shop', name: 'web' });
  expect(used[0]).toEqual(['uid-web', 'abc']);
  await expect(find({ selector: 'app=shop' })).rejects.toMatchObject({ code: 'not-found' });
});

test('without that word it is not, by whatever name, and the error says which word', async () => {
  const { find } = finderFor(['shop-2'], existing('web'));
  for (const selector of ['shop', { selector: 'app=shop', namespace: 'shop' }])
    await expect(find(selector)).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('in the namespace shop'),
      details: { hint: expect.stringContaining('--allow-target shop') },
    });
});

test('an existing pod that is not ready is told with what there is', async () => {
  const { find } = finderFor(['shop'], existing('web', { status: { phase: 'Failed' } }));
  await expect(find('shop')).rejects.toMatchObject({
    code: 'not-found',
    message: 'no ready pod for the role `shop` in shop: web is Failed',
  });
});

test('what is not there is told with what is', async () => {
  const { find } = finder(pod('starting', { status: { phase: 'Pending' } }));
  await expect(find('victim')).rejects.toMatchObject({ code: 'not-found', message: expect.stringContaining('starting is Pending') });
  await expect(find('victm')).rejects.toMatchObject({
    code: 'not-found',
    details: { hint: expect.stringContaining('did you mean `victim`?') },
  });
});
