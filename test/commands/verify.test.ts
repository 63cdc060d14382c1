// What `sim verify` refuses: a run that nobody knows, one of another cluster, one of which nothing can be said, and to ask nobody.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { sim } from './session.ts';

const STARTED = {
  type: 'run-started',
  version: 1,
  at: 1000,
  run: { id: 'k3x9', namespace: 'sim-k3x9' },
  playbook: { name: 'sample', title: 'Sample', file: 'sample.yaml' },
  cluster: { context: 'staging', server: 'https://127.0.0.1', version: 'v1.34.4', identity: 'uid-of-staging' },
  inputs: {},
  overrides: [],
  sources: [],
};
const EXPECTED = { type: 'alerts-expected', at: 2000, expected: [] };

let state: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'kubesim-test-'));
  onTestFinished(() => rmSync(state, { recursive: true }));
});

function writeLog(id: string, lines: readonly object[], torn = ''): void {
  mkdirSync(join(state, 'runs', id), { recursive: true });
  writeFileSync(join(state, 'runs', id, 'events.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join('') + torn);
}

const verify = (id: string, ...args: string[]) =>
  sim(['verify', id, ...args], { env: { SIM_STATE: state, XDG_CONFIG_HOME: state, HOME: state } });

/** A kubeconfig of a cluster that has one namespace, kube-system. */
async function clusterWith(uid: string): Promise<string> {
  const server = http.createServer((request, response) => {
    const isAsked = request.url?.startsWith('/api/v1/namespaces/kube-system');
    const body = isAsked
      ? { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system', uid } }
      : {
          apiVersion: 'v1',
          kind: 'APIResourceList',
          groupVersion: 'v1',
          resources: [{ name: 'namespaces', kind: 'Namespace', namespaced: false, verbs: ['get', 'list'] }],
        };
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const file = join(state, 'kubeconfig');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  writeFileSync(
    file,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster: { server: url } }],
      users: [{ name: 'u', user: {} }],
      contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'here',
    }),
    { mode: 0o600 },
  );
  return file;
}

describe('the run', () => {
  test('must be known here; the nearest id is offered', async () => {
    writeLog('k3x9', [STARTED, EXPECTED]);
    expect(await verify('k3x8')).toMatchObject({ code: 2, stderr: expect.stringMatching(/no run k3x8 is known here\n.*k3x9/) });
    expect(await verify('../../etc')).toMatchObject({ code: 2, stderr: expect.stringContaining('no run ../../etc is known here') });
  });

  test.each([
    ['its log does not say how it began', []],
    ['its log has version 99, and this program reads 1', [{ ...STARTED, version: 99 }, EXPECTED]],
    ['it ended before all of its steps were done', [STARTED]],
  ])('nothing can be said where %s', async (why, lines) => {
    writeLog('k3x9', lines);
    expect(await verify('k3x9')).toMatchObject({ code: 2, stderr: expect.stringContaining(`nothing can be said of run k3x9: ${why}`) });
  });

  test('a damaged line is told with its number, a torn last one is passed over', async () => {
    writeLog('k3x9', [STARTED], '{"type":\n{}\n');
    expect(await verify('k3x9')).toMatchObject({ code: 3, stderr: expect.stringContaining('line 2 of') });
    writeLog('k3x9', [STARTED], '{"type":"alerts-exp');
    expect((await verify('k3x9')).stderr).toContain('it ended before all of its steps were done');
  });
});

describe('the cluster', () => {
  test('must be that of the run', async () => {
    writeLog('k3x9', [STARTED, EXPECTED]);
    expect(await verify('k3x9', '--kubeconfig', await clusterWith('uid-of-production'))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('run k3x9 was on another cluster (context "staging")'),
    });
  });

  test('and somebody must be there to ask', async () => {
    writeLog('k3x9', [STARTED, EXPECTED]);
    const kubeconfig = await clusterWith('uid-of-staging');
    for (const args of [[], ['--alerts', 'none']])
      expect(await verify('k3x9', '--kubeconfig', kubeconfig, ...args)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('there is no alert source to ask'),
      });
  });
});

test('a source that is not configured is told before the cluster is asked', async () => {
  writeLog('k3x9', [STARTED, EXPECTED]);
  expect(await verify('k3x9', '--alerts', 'nobody', '--kubeconfig', '/does/not/exist')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('there is no alert source `nobody`'),
  });
});
