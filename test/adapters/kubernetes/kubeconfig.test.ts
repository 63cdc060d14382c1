// kubeconfig files are found, merged and checked as kubectl does; what is wrong is said.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { chooseContext } from '../../../src/adapters/kubernetes/kubeconfig.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'kubesim-test-'));

interface Parts {
  current?: string;
  contexts?: Record<string, { cluster: string; user?: string; namespace?: string }>;
  clusters?: Record<string, object>;
  users?: Record<string, object>;
}

function write(parts: Parts, file = join(folder(), 'config')): string {
  const list = (entries: object = {}, key: string) => Object.entries(entries).map(([name, value]) => ({ name, [key]: value }));
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    ...(parts.current === undefined ? {} : { 'current-context': parts.current }),
    contexts: list(parts.contexts, 'context'),
    clusters: list(parts.clusters, 'cluster'),
    users: list(parts.users, 'user'),
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}

const two: Parts = {
  current: 'staging',
  contexts: { staging: { cluster: 's', user: 'u', namespace: 'apps' }, production: { cluster: 'p', user: 'u' } },
  clusters: { s: { server: 'https://staging:6443' }, p: { server: 'https://production:6443/' } },
  users: { u: { token: 't' } },
};

test('the context asked for is the current one afterwards', () => {
  const config = chooseContext({ kubeconfig: write(two), context: 'production', env: {} });
  expect(config.getCurrentCluster()?.server).toBe('https://production:6443');
});

test('an unknown context names the nearest and all others', () => {
  const choose = (context: string) => () => chooseContext({ kubeconfig: write(two), context, env: {} });
  expect(choose('stagin')).toThrowError(
    expect.objectContaining({
      code: 'configuration',
      message: 'the kubeconfig has no context "stagin"',
      details: { hint: 'Did you mean "staging"? There are: "staging", "production".' },
    }),
  );
  expect(choose('zzz')).toThrowError(expect.objectContaining({ details: { hint: 'There are: "staging", "production".' } }));
});

test('no kubeconfig names the places that were looked at', () => {
  const home = folder();
  const places: [object, string][] = [
    [{ kubeconfig: join(home, 'a'), env: { KUBECONFIG: write(two) } }, join(home, 'a')],
    [{ env: { KUBECONFIG: join(home, 'b') } }, join(home, 'b')],
    [{ env: { HOME: home } }, join(home, '.kube', 'config')],
  ];
  for (const [choice, place] of places) {
    expect(() => chooseContext(choice as Parameters<typeof chooseContext>[0])).toThrowError(
      expect.objectContaining({ code: 'configuration', message: expect.stringContaining(place) }),
    );
  }
});

test('the default place is ~/.kube/config', () => {
  const home = folder();
  mkdirSync(join(home, '.kube'));
  write(two, join(home, '.kube', 'config'));
  expect(chooseContext({ env: { HOME: home } }).getCurrentContext()).toBe('staging');
});

test('files of KUBECONFIG are merged, the first wins, missing ones are passed over', () => {
  const second = write({
    current: 'production',
    contexts: { staging: { cluster: 'other', user: 'u' }, lab: { cluster: 'l', user: 'l' } },
    clusters: { s: { server: 'https://wrong' }, l: { server: 'https://lab' } },
    users: { l: {} },
  });
  const env = { KUBECONFIG: [write(two), join(folder(), 'missing'), second].join(delimiter) };
  const config = chooseContext({ env });
  expect(config.getCurrentContext()).toBe('staging');
  expect(config.getContexts().map(({ name, cluster }) => `${name} ${config.getCluster(cluster)?.server}`)).toEqual([
    'staging https://staging:6443',
    'production https://production:6443',
    'lab https://lab',
  ]);
});

test.for<[string, Parts, string]>([
  ['no current context', { ...two, current: '' }, 'names no current context'],
  ['a context without its cluster', { ...two, clusters: { p: { server: 'https://p' } } }, 'names the cluster "s"'],
  ['a context without its user', { ...two, users: {} }, 'names the user "u"'],
  ['plain HTTP to another machine', { ...two, clusters: { s: { server: 'http://staging' } } }, 'must be an https:// address'],
  ['no address', { ...two, clusters: { s: { server: 'staging:6443' } } }, 'must be an https:// address'],
])('%s is said', ([, parts, message]) => {
  const kubeconfig = write(parts);
  expect(() => chooseContext({ kubeconfig, env: {} })).toThrowError(
    expect.objectContaining({ code: 'configuration', message: expect.stringContaining(message) }),
  );
});

test('plain HTTP to this machine is fine: kubectl proxy', () => {
  const kubeconfig = write({ ...two, clusters: { s: { server: 'http://127.0.0.1:8001' } } });
  expect(chooseContext({ kubeconfig, env: {} }).getCurrentCluster()?.skipTLSVerify).toBe(true);
});

test('a context without a user keeps its certificate authority', async () => {
  const ca = Buffer.from('authority').toString('base64');
  const kubeconfig = write({
    current: 'a',
    contexts: { a: { cluster: 'c' } },
    clusters: { c: { server: 'https://c', 'certificate-authority-data': ca } },
  });
  const options: { ca?: unknown } = {};
  await chooseContext({ kubeconfig, env: {} }).applyToHTTPSOptions(options as object);
  expect(String(options.ca)).toBe('authority');
});

test('a file that is no kubeconfig is named', () => {
  const file = join(folder(), 'config');
  for (const text of ['{', 'clusters: [{}]', '']) {
    writeFileSync(file, text);
    expect(() => chooseContext({ kubeconfig: file, env: {} })).toThrowError(
      expect.objectContaining({ code: 'configuration', message: expect.stringContaining(file) }),
    );
  }
});

test('a login program is told what client-go tells it', () => {
  const exec = { apiVersion: 'client.authentication.k8s.io/v1beta1', command: 'x', provideClusterInfo: true };
  const config = chooseContext({ kubeconfig: write({ ...two, users: { u: { exec } } }), env: {} });
  const told = config.getCurrentUser()?.exec.env.find((it: { name: string }) => it.name === 'KUBERNETES_EXEC_INFO').value;
  expect(JSON.parse(told)).toEqual({
    apiVersion: 'client.authentication.k8s.io/v1beta1',
    kind: 'ExecCredential',
    spec: { interactive: false, cluster: { server: 'https://staging:6443' } },
  });
});
