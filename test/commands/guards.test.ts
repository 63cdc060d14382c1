import { expect, test } from 'vitest';
import { guardsOf, looksLikeProduction, refuseRisk, refuseTargets, usedAllowances } from '../../src/commands/guards.ts';
import type { Plan } from '../../src/engine/plan.ts';
import type { Playbook } from '../../src/language/playbook.ts';
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

const playbook = (name: string, risk: 'low' | 'high') => ({ metadata: { name, title: name, risk } }) as Playbook;
const prepared = (name: string, targets: string[]) => ({
  playbook: playbook(name, 'low'),
  plan: { targets } as unknown as Plan,
  run: { namespace: 'sim-k3x9' },
});

test('a playbook of high risk needs a word of its own, which the error says', () => {
  const several = [playbook('calm', 'low'), playbook('escape', 'high'), playbook('grant', 'high')];
  expect(() => refuseRisk(several, {})).toThrow(
    expect.objectContaining({
      name: 'UsageError',
      message: expect.stringMatching(/^escape, grant: `risk: high` means/),
      hint: 'where that is meant, add --allow-risk high',
    }),
  );
  expect(() => refuseRisk(several, { allowRisk: 'high' })).not.toThrow();
  expect(() => refuseRisk(several.slice(0, 1), {})).not.toThrow();
});

test('so does each namespace whose pods exist already', () => {
  const several = [prepared('one', ['shop', 'bank']), prepared('two', ['shop'])];
  expect(() => refuseTargets(several, { allowTarget: ['bank', 'sho', 'shop-2'] })).toThrow(
    expect.objectContaining({
      name: 'UsageError',
      message: 'one attacks pods of the namespace shop that exist already; two attacks pods of the namespace shop that exist already',
      hint: 'where that is meant, add --allow-target shop',
    }),
  );
  expect(() => refuseTargets(several, {})).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('--allow-target shop --allow-target bank') }),
  );
  expect(() => refuseTargets(several, { allowTarget: ['shop', 'bank'] })).not.toThrow();
});

test('the log keeps the words that a playbook made use of', () => {
  expect(usedAllowances(playbook('a', 'high'), { targets: ['shop'] })).toEqual(['--allow-risk high', '--allow-target shop']);
  expect(usedAllowances(playbook('a', 'low'), { targets: [] })).toEqual([]);
});
