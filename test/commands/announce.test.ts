// Announcing a run: before it or not at all, and its end in any case.
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { userInfo } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { judgeBy } from '../../src/alerts/judge.ts';
import { expectedUntil, operatorName } from '../../src/commands/announce.ts';
import { type Prepared, type RunSurroundings, runOne } from '../../src/commands/run-one.ts';
import type { Session } from '../../src/commands/session.ts';
import type { Announcement } from '../../src/engine/announcement.ts';
import { load } from '../../src/language/load.ts';
import { Failure } from '../../src/ports/failure.ts';
import type { RunLogs } from '../../src/ports/run-log.ts';
import { colours } from '../../src/reporters/format.ts';
import { stepTypes } from '../../src/steps/index.ts';
import { entryOf, fakeSource } from '../fakes/alert-source.ts';
import { fakeCluster } from '../fakes/cluster.ts';
import { sim } from './session.ts';

const { playbook } = load(
  {
    name: 'sample.yaml',
    text: `apiVersion: kubesim/v1
kind: Playbook
metadata: {name: sample, title: Sample}
timeout: 10m
steps:
  - name: Deploy
    deploy:
      manifests: [{apiVersion: v1, kind: Pod, metadata: {name: victim, labels: {role: victim}}, spec: {containers: [{name: c, image: "a:1"}]}}]
      roles: {victim: {labels: {role: victim}}}
  - name: Look around
    attack: [T1046]
    exec: {pod: victim, command: [nmap], expect: {exitCode: 0}}
  - expect-alert: {alert: scan}
`,
  },
  stepTypes,
);

/** A run of the sample on the fake cluster, announced to a server that answers with one status after the other. */
async function stage({ statuses = [204, 204], nmap = async () => ({}) }: { statuses?: number[]; nmap?: () => Promise<object> } = {}) {
  if (playbook === undefined) throw new Error('the sample is no playbook');
  const told: Announcement[] = [];
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    told.push(JSON.parse(Buffer.concat(chunks).toString()));
    response.writeHead(statuses[told.length - 1] ?? 500).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const cluster = fakeCluster();
  cluster.programs.set('nmap', nmap);
  cluster.intercept = (call) => {
    if (call.verb !== 'apply' || call.object.kind !== 'Namespace') return;
    const metadata = { name: 'default', namespace: call.object.metadata.name ?? '' };
    setImmediate(() => cluster.put({ apiVersion: 'v1', kind: 'ServiceAccount', metadata }));
  };
  const interrupt = new AbortController();
  const opened: string[] = [];
  const log = { path: '/log', append: async () => {}, attach: async () => '/file', close: async () => {} };
  const create = async (id: string) => {
    opened.push(id);
    return log;
  };
  const logs = { create } as unknown as RunLogs;
  const stderr: string[] = [];
  const session = {
    env: { SIM_OPERATOR: 'red-team' },
    stdout: () => {},
    stderr: (text: string) => void stderr.push(text),
    interactive: false,
    interrupt: interrupt.signal,
    abandon: new AbortController().signal,
  } as unknown as Session;
  const catalogue = new Map([['scan', entryOf('scan')]]);
  const around: RunSurroundings = {
    session,
    options: { output: 'json', announce: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` },
    catalogue,
    paint: colours(false),
    logs,
    overrides: [],
    several: false,
    sources: () => ({ sources: [], sensors: new Map() }),
    world: {
      cluster,
      clusterVersion: 'v1.34.4',
      clusterIdentity: 'uid',
      charts: { render: async () => [], version: async () => ({ path: '', version: '' }) },
      files: {} as RunSurroundings['world']['files'],
      steps: stepTypes,
      judge: judgeBy(catalogue),
    },
  };
  const prepared: Prepared = {
    playbook,
    folder: '/',
    inputs: {},
    secrets: [],
    run: { id: 'k3x9', namespace: 'sim-k3x9', marker: 'sim-k3x9', token: 'f'.repeat(32), playbook: 'sample' },
    plan: { objects: [], images: [], steps: [], permissions: [], expectations: [{ alert: 'scan' }], outside: [], targets: [] },
    allowed: [],
  };
  return { told, cluster, opened, stderr, interrupt, around, start: () => runOne(prepared, around) };
}

test('before the run and after it, with the operator and how it ended', async () => {
  const { told, cluster, around, start } = await stage();
  const annotated: unknown[] = [];
  const makeAccount = cluster.intercept;
  cluster.intercept = async (call) => {
    if (call.verb === 'apply' && call.object.kind === 'Namespace') annotated.push(told.length, call.object.metadata.annotations);
    await makeAccount?.(call);
  };
  const { summary } = await start();
  expect(summary).toMatchObject({ exitCode: 4 });
  expect(told.map(({ event, operator, outcomes }) => ({ event, operator, outcomes }))).toEqual([
    { event: 'run-starting', operator: 'red-team', outcomes: undefined },
    { event: 'run-finished', operator: 'red-team', outcomes: { unverified: 1 } },
  ]);
  const [before, after] = told;
  expect(before).toMatchObject({
    run: { id: 'k3x9' },
    playbook: { attack: ['T1046'] },
    cluster: { context: around.world.cluster.context },
  });
  expect(Date.parse(after?.window.to ?? '')).toBeLessThan(Date.parse(before?.window.to ?? ''));
  // It was told before anything was there, and the namespace says the same.
  expect(annotated).toEqual([
    1,
    expect.objectContaining({ 'kubesim.io/operator': 'red-team', 'kubesim.io/expected-until': before?.window.to }),
  ]);
});

test('where nobody was told, nothing is run, created or logged', async () => {
  const { cluster, opened, start } = await stage({ statuses: [500] });
  await expect(start()).rejects.toMatchObject({ code: 'server-error', message: expect.stringContaining('HTTP 500') });
  expect(cluster.calls).toEqual([]);
  expect(opened).toEqual([]);
});

test('the end is told of a run that was interrupted, too', async () => {
  const { told, interrupt, start } = await stage({
    nmap: () =>
      new Promise((_, reject) => {
        const why = new Failure('interrupted', 'interrupted');
        interrupt.signal.addEventListener('abort', () => reject(why));
        interrupt.abort(why);
      }),
  });
  const { summary } = await start();
  expect(summary.exitCode).toBe(130);
  expect(told.map(({ event }) => event)).toEqual(['run-starting', 'run-finished']);
});

test('an end that nobody takes is said, and changes nothing of the outcome', async () => {
  const { told, stderr, start } = await stage({ statuses: [204, 500] });
  expect((await start()).summary.exitCode).toBe(4);
  expect(told).toHaveLength(2);
  expect(stderr).toEqual([expect.stringMatching(/^sim: 127\.0\.0\.1:\d+ did not take the announcement: HTTP 500\n$/)]);
});

test('a detached run says that its alerts are still to come, and until when', async () => {
  const { told, around, start } = await stage();
  around.options.detach = true;
  await start();
  const [before, after] = told;
  expect(after).toMatchObject({ event: 'run-finished', outcomes: { 'not looked for yet': 1 }, window: { to: before?.window.to } });
});

test('alerts are expected until the playbook must have ended and the longest window is over', () => {
  if (playbook === undefined) throw new Error('the sample is no playbook');
  const sources = [fakeSource({ window: 30_000 }), fakeSource({ window: 3_600_000 })];
  expect(expectedUntil(playbook, { expectations: [] }, [], 1000)).toBe(1000 + 600_000);
  expect(expectedUntil(playbook, { expectations: [{ alert: 'scan', within: 60_000 }] }, sources.slice(0, 1), 0)).toBe(660_000);
  expect(expectedUntil(playbook, { expectations: [{ alert: 'scan', within: 60_000 }] }, sources, 0)).toBe(4_200_000);
});

test('SIM_OPERATOR names who runs it, where the account of a pipeline does not', () => {
  expect(operatorName({ SIM_OPERATOR: 'red-team' })).toBe('red-team');
  expect(operatorName({ SIM_OPERATOR: '' })).toContain(`${userInfo().username}@`);
});

test('an address that nothing may go to is told before anything else', async () => {
  for (const address of ['http://chat.example.com/hook', 'chat'])
    expect(await sim(['run', 'web-shell', '--yes', '--announce', address])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('https:// address'),
    });
});
