import { expect, test } from 'vitest';
import { guardsOf, looksLikeProduction } from '../../src/commands/guards.ts';
import { Failure } from '../../src/ports/failure.ts';
import { fakeCluster } from '../fakes/cluster.ts';

const signal = new AbortController().signal;

test.for(['prod', 'aks-prod-westeurope', 'PRODUCTION', 'eu_prd_1', 'arn:aws:eks:eu-west-1:1:cluster/live', 'prod2'])(
  '%s looks like production',
  (name) => {
    expect(looksLikeProduction(name)).toBe(true);
  },
);

test.for([
  'simlab',
  'product-catalogue',
  'staging',
  'reproduction',
  'delivery',
  'non-productive',
  'non-prod',
  'nonprod',
  'https://127.0.0.1:6443',
])('%s does not', (name) => {
  expect(looksLikeProduction(name)).toBe(false);
});

test('an ordinary cluster is told from others by its kube-system', async () => {
  const cluster = fakeCluster();
  const { metadata } = (await cluster.get({ apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' }, signal)) ?? {};
  expect(await guardsOf(cluster, signal)).toEqual({ identity: metadata?.uid, reasons: [] });
});

test('a cluster that says it is protected is, whatever it is called', async () => {
  const cluster = fakeCluster();
  const mark = (value: string) =>
    cluster.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system', annotations: { 'kubesim.io/protected': value } } });
  mark('true');
  expect((await guardsOf(cluster, signal)).reasons).toEqual([expect.stringContaining('kubesim.io/protected: true')]);
  mark('false');
  expect((await guardsOf(cluster, signal)).reasons).toEqual([]);
});

test('who may not read kube-system is told from the server, and warned by names alone', async () => {
  const cluster = { ...fakeCluster(), context: 'prod-eu', get: () => Promise.reject(new Failure('forbidden', 'no')) };
  expect(await guardsOf(cluster, signal)).toEqual({
    identity: cluster.server,
    reasons: ['"prod-eu" looks like production'],
    doubt: expect.stringContaining('kube-system may not be read'),
  });
});
