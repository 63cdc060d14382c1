// The step `target`: roles for pods that exist already, and nothing created.
import { expect, test } from 'vitest';
import { checkBody } from '../../src/language/check-body.ts';
import { Failure } from '../../src/ports/failure.ts';
import { curl } from '../../src/steps/curl.ts';
import { exec } from '../../src/steps/exec.ts';
import { log } from '../../src/steps/log.ts';
import { script } from '../../src/steps/script.ts';
import { target } from '../../src/steps/target.ts';
import { wait } from '../../src/steps/wait.ts';
import { readyPod, runStep, stepBench } from './context.ts';

const body = { namespace: 'shop', roles: { web: { selector: 'app=shop', container: 'main' }, cache: { selector: 'app=cache' } } };

test('it declares roles in the other namespace and tells where their pods are', async () => {
  const bench = await stepBench({ pod: async (role) => ({ namespace: 'shop', name: `${role}-1` }) });
  for (const name of ['web-1', 'cache-1']) {
    const pod = readyPod(name, { podIP: `10.0.0.${name.length}` }, { spec: { nodeName: 'node-a' } });
    bench.cluster.put({ ...pod, metadata: { ...pod.metadata, namespace: 'shop' } });
  }
  const { outputs, mismatches } = await runStep(target, body, bench);
  expect(bench.roles).toEqual({
    web: { namespace: 'shop', selector: 'app=shop', container: 'main' },
    cache: { namespace: 'shop', selector: 'app=cache' },
  });
  expect(outputs).toEqual({
    pods: { web: { name: 'web-1', ip: '10.0.0.5', node: 'node-a' }, cache: { name: 'cache-1', ip: '10.0.0.7', node: 'node-a' } },
  });
  expect(mismatches ?? []).toEqual([]);
  expect(bench.cluster.calls.map(({ verb }) => verb)).toEqual(['get', 'get']);
});

test('a role without a ready pod fails it, with what there is', async () => {
  const bench = await stepBench({
    pod: async () => {
      throw new Failure('not-found', 'no ready pod for the role `web` in shop: web is Pending');
    },
  });
  await expect(runStep(target, body, bench)).rejects.toMatchObject({ message: expect.stringContaining('web is Pending') });
});

test('plan, namespaces and permissions tell whose pods they are', () => {
  expect(target.plan(body)).toBe('use pods of shop that exist already: web (app=shop), cache (app=cache)');
  expect(target.targets?.(body)).toEqual(['shop']);
  expect(target.roles?.(body)).toEqual({ web: 'shop', cache: 'shop' });
  expect(target.permissions?.(body)).toContainEqual({ verb: 'list', group: '', resource: 'pods', namespace: 'shop' });
});

test.each([
  [exec, { pod: { selector: 'a=b', namespace: 'shop' }, command: ['id'] }, 'pods/exec'],
  [curl, { pod: { selector: 'a=b', namespace: 'shop' }, via: 'portForward', port: 80, url: '/' }, 'pods/portforward'],
  [wait, { log: { pod: { selector: 'a=b', namespace: 'shop' }, contains: 'x' } }, 'pods/log'],
  [script, { pod: { selector: 'a=b', namespace: 'shop' }, run: 'id' }, 'pods/exec'],
  [log, { pod: { selector: 'a=b', namespace: 'shop' } }, 'pods/log'],
] as const)('a selector with a namespace counts the same in any step: %#', (definition, given, resource) => {
  expect(definition.targets?.(given)).toEqual(['shop']);
  expect(definition.permissions?.(given)).toContainEqual({ verb: 'get', group: '', resource, namespace: 'shop' });
  expect(definition.permissions?.(given)?.every(({ namespace }) => namespace === 'shop')).toBe(true);
});

test.each([
  [exec, { pod: 'victim', command: ['id'] }],
  [exec, { pod: { selector: 'a=b' }, command: ['id'] }],
  [wait, { duration: '1s' }],
] as const)('one without reaches for nobody: %#', (definition, given) => {
  expect(definition.targets?.(given)).toEqual([]);
  expect(definition.permissions?.(given)?.some(({ namespace }) => namespace !== undefined)).toBe(false);
});

test.each([
  ['no role', { namespace: 'shop', roles: {} }, /roles/],
  ['labels as a deploy step has them', { namespace: 'shop', roles: { web: { labels: { app: 'shop' } } } }, /labels/],
  ['no namespace', { roles: body.roles }, /namespace/],
  ['an empty namespace', { ...body, namespace: '' }, /namespace/],
] as const)('%s does not lint', (_, wrong, words) => expect(checkBody(target, wrong).join('\n')).toMatch(words));
