import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { kubernetes } from '../../../src/adapters/alert-sources/kubernetes.ts';
import { Failure } from '../../../src/ports/failure.ts';
import { watch } from '../../contract/alert-source.ts';
import { fakeCluster } from '../../fakes/cluster.ts';
import { quickClock } from '../../fakes/quick-clock.ts';
import { testWorld } from './world.ts';

type Settings = Parameters<typeof kubernetes.create>[0];

function stage(settings: object) {
  const cluster = fakeCluster();
  const clock = quickClock();
  const source = kubernetes.create({ name: 'k8s', ...settings } as Settings, testWorld(clock, { cluster: async () => cluster }));
  return { cluster, clock, source, open: () => watch(source, clock.now()) };
}

const event = (reason: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: `victim.${reason}`, namespace: 'sim-1', uid: `uid-${reason}` },
  involvedObject: { kind: 'Pod', namespace: 'sim-1', name: 'victim', fieldPath: 'spec.containers{web}' },
  reason,
  message: 'policy require-labels failed',
  type: 'Warning',
  count: 1,
  firstTimestamp: '2024-01-02T03:04:05Z',
  lastTimestamp: '2024-01-02T03:04:05Z',
  source: { component: 'kyverno-admission', host: 'node-1' },
  ...more,
});

test('events: what was there, what comes, and one that is counted up', async () => {
  const { cluster, open } = stage({ from: 'events' });
  cluster.put(event('Old'));
  const watcher = await open();
  expect(await watcher.alert('Old')).toMatchObject({
    baseline: true,
    id: 'uid-Old',
    type: 'kyverno-admission',
    severity: 'medium',
    entities: { node: 'node-1', namespace: 'sim-1', pod: 'victim', container: 'web' },
  });
  cluster.put(event('Normal thing', { type: 'Normal' }));
  cluster.put(event('PolicyViolation'));
  expect((await watcher.alert('PolicyViolation')).baseline).toBeUndefined();
  cluster.put(event('PolicyViolation', { count: 2, lastTimestamp: '2024-01-02T03:05:05Z' }));
  expect(await watcher.alert('PolicyViolation')).toMatchObject({ count: 2, times: { last: 1_704_164_705_000 } });
  await watcher.heartbeat();
  const names = watcher.events.flatMap((each) => (each.type === 'alert' ? [each.alert.name] : []));
  expect(names).toEqual(['Old', 'PolicyViolation', 'PolicyViolation']);
  cluster.intercept = ({ verb }) => {
    if (verb === 'version') throw new Failure('unreachable', 'no answer');
  };
  await watcher.until('gap', (each) => each.type === 'gap' && each.reason === 'no answer');
  await watcher.stop();
});

test('events of some reasons, of one namespace', async () => {
  const { cluster, open } = stage({ from: 'events', namespace: 'sim-1', reasons: ['Wanted'] });
  const watcher = await open();
  cluster.put({ ...event('Wanted'), metadata: { name: 'b', namespace: 'other', uid: 'elsewhere' } });
  cluster.put(event('Unwanted'));
  cluster.put(event('Wanted'));
  expect((await watcher.alert('Wanted')).id).toBe('uid-Wanted');
  await watcher.stop();
});

test('events that may not be read', async () => {
  const { cluster, source, open } = stage({ from: 'events' });
  cluster.denied.add('watch events');
  await expect(open()).rejects.toMatchObject({ code: 'forbidden' });
  expect(await source.check(new AbortController().signal)).toMatchObject([{ result: 'failed' }]);
});

/** As https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/ describes it. */
const audit = (id: string, more: object = {}) =>
  JSON.stringify({
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: id,
    stage: 'ResponseComplete',
    requestURI: '/api/v1/namespaces/sim-1/pods/victim/exec?command=id',
    verb: 'create',
    user: { username: 'system:serviceaccount:sim-1:victim', groups: ['system:authenticated'] },
    objectRef: { resource: 'pods', namespace: 'sim-1', name: 'victim', apiVersion: 'v1', subresource: 'exec' },
    responseStatus: { metadata: {}, code: 101 },
    requestReceivedTimestamp: '2024-01-02T03:04:05.000001Z',
    stageTimestamp: '2024-01-02T03:04:05.250000Z',
    ...more,
  });
const rules = (parse(kubernetes.example) as { rules: object[] }).rules;

test('the audit log in a file: what fits a rule, at the stage where the answer is known', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sim-audit-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'audit.log');
  writeFileSync(path, '');
  const { open } = stage({ from: 'audit', path, rules });
  const watcher = await open();
  await watcher.heartbeat();
  const lines = [
    audit('a', { stage: 'RequestReceived' }),
    audit('b', { objectRef: undefined, requestURI: '/healthz' }),
    audit('c', { verb: 'list' }),
    audit('d'),
  ];
  appendFileSync(path, `${lines.join('\n')}\n`);
  expect(await watcher.alert('Exec into a pod')).toMatchObject({
    id: 'd/Exec into a pod',
    severity: 'medium',
    techniques: ['T1609'],
    times: { last: 1_704_164_645_250 },
    entities: { namespace: 'sim-1', pod: 'victim', user: 'system:serviceaccount:sim-1:victim' },
  });
  expect(watcher.events.filter(({ type }) => type === 'gap')).toEqual([]);
  await watcher.stop();
});

const pod = (namespace: string, name: string, labels: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, uid: `uid-${name}`, labels },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
});

test('the audit log in the log of pods', async () => {
  const { cluster, open } = stage(parse(kubernetes.example) as object);
  cluster.put(pod('kube-system', 'audit-1', { app: 'audit-log' }));
  const watcher = await open();
  cluster.print({ namespace: 'kube-system', name: 'audit-1', container: 'tail' }, audit('z'));
  expect((await watcher.alert('Exec into a pod')).id).toBe('z/Exec into a pod');
  await watcher.stop();
});

test('Tetragon: matches of tracing policies, by the settings of the documentation', async () => {
  const [tetragon] = kubernetes.recipes ?? [];
  const { cluster, open } = stage(parse(tetragon?.example ?? '') as object);
  cluster.put(pod('kube-system', 'tetragon-1', { 'app.kubernetes.io/name': 'tetragon' }));
  const watcher = await open();
  const at = { namespace: 'kube-system', name: 'tetragon-1', container: 'export-stdout' };
  const process = {
    exec_id: 'abc',
    binary: '/usr/bin/cat',
    arguments: '/etc/shadow',
    pod: {
      namespace: 'sim-1',
      name: 'victim',
      container: { id: 'containerd://4b0df5a1', name: 'web', image: { name: 'docker.io/web:1' } },
    },
  };
  cluster.print(at, JSON.stringify({ process_exec: { process }, node_name: 'node-1', time: '2024-01-02T03:04:05.123456789Z' }));
  cluster.print(
    at,
    JSON.stringify({
      process_kprobe: { process, function_name: 'security_file_permission', policy_name: 'sensitive-files' },
      node_name: 'node-1',
      time: '2024-01-02T03:04:05.123456789Z',
    }),
  );
  expect(await watcher.alert('sensitive-files')).toMatchObject({
    product: 'tetragon',
    type: 'security_file_permission',
    entities: {
      node: 'node-1',
      namespace: 'sim-1',
      pod: 'victim',
      container: 'web',
      containerId: '4b0df5a1',
      commandLines: ['/usr/bin/cat /etc/shadow'],
    },
  });
  expect(watcher.events.filter(({ type }) => type === 'alert')).toHaveLength(1);
  await watcher.stop();
});

test.each([
  [{ from: 'events', rules: [] }, /`rules` means nothing with `from: events`/],
  [{ from: 'audit', path: '/a' }, /needs `rules`/],
  [{ from: 'audit', rules: [], namespace: 'a' }, /needs `labelSelector`, `container`, or `path`/],
  [{ from: 'audit', rules: [], path: 'a' }, /must be absolute/],
  [{ from: 'logs' }, /needs `namespace`, `labelSelector`, `container`/],
])('settings that do not go together: %j', (settings, words) => {
  expect(kubernetes.problems?.({ name: 'k', ...settings } as Settings).map(({ message }) => message)).toContainEqual(
    expect.stringMatching(words),
  );
});
