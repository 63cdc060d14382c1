// What helm is given and what is passed on of its words; a script plays helm, as a real process.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { helmCharts } from '../../src/adapters/helm.ts';
import { processRunner } from '../../src/adapters/process.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubesim-test-helm-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const signal = new AbortController().signal;

/** Renders a chart by a helm that runs this script. */
async function render(script: string, values: Record<string, unknown> = {}) {
  const binary = join(mkdtempSync(join(folder, 'bin-')), 'helm');
  writeFileSync(binary, `#!/bin/sh\n${script}\n`);
  chmodSync(binary, 0o755);
  return await helmCharts({ binary, process: processRunner() }).render(
    { chart: folder, release: 'sim', namespace: 'sim-1', values },
    signal,
  );
}

/** What a chart's failure says where helm prints the values as they came, wrapped in words. */
async function said(values: Record<string, unknown>, stderr: string): Promise<string> {
  writeFileSync(join(folder, 'stderr'), stderr);
  const failure = await render(`cat ${folder}/stderr >&2; exit 1`, values).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'invalid' });
  return (failure as Error).message;
}

const token = '0123456789abcdef0123456789abcdef';

test("the operator's helm does not reach ours: no HELM_* but the logins to registries, and no cluster", async () => {
  const operators = {
    HELM_KUBETOKEN: 'operators-token',
    HELM_KUBEAPISERVER: 'https://production',
    HELM_NAMESPACE: 'production',
    HELM_PLUGINS: '/operators/plugins',
    HELM_REGISTRY_CONFIG: '/operators/registry.json',
    KUBECONFIG: '/operators/kubeconfig',
    SIM_OTHER: 'kept',
  };
  for (const [name, value] of Object.entries(operators)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const [object] = await render(
    "printf 'apiVersion: v1\\nkind: Environment\\nlines:\\n'; env | grep -E '^(HELM_|KUBE|SIM_OTHER)' | sed 's/.*/- \"&\"/'",
  );
  const lines = object?.lines as string[];
  expect(lines).toContain('HELM_REGISTRY_CONFIG=/operators/registry.json');
  expect(lines).toContain('SIM_OTHER=kept');
  expect(lines.filter((line) => /operators|production/.test(line))).toEqual(['HELM_REGISTRY_CONFIG=/operators/registry.json']);
  expect(lines.filter((line) => /^HELM_(KUBE|NAMESPACE)/.test(line))).toEqual([]);
});

test.for<[string, Record<string, unknown>, string, string]>([
  ['a long text', { deep: [{ a: token }] }, `Error: bad value ${token} here`, 'bad value *** here'],
  ['a short text under a key that promises a secret', { adminPassword: 'hunter2' }, 'Error: got hunter2', 'got ***'],
  ['all below such a key', { credentials: { pin: 123456, word: 'swordfish' } }, 'Error: got 123456 swordfish', 'got *** ***'],
  ['quoted', { secret: 'a"b\nc' }, 'Error: got "a\\"b\\nc"', 'got "***"'],
  ['in base64', { token }, `Error: data: ${Buffer.from(token).toString('base64')}`, 'data: ***'],
  ['line by line', { key: 'first line\nsecond line\n' }, 'Error: in |\n  first line\n  second line', 'in |\n  ***\n  ***'],
  ['no ordinary word', { pullPolicy: 'Never', key: 'a' }, 'Error: a pullPolicy of Never', 'a pullPolicy of Never'],
])('values are masked in what helm says: %s', async ([, values, stderr, rest]) => {
  expect(await said(values, stderr)).toBe(`chart "${folder}": ${rest}`);
});

test('a secret is masked before a long message is cut, and a dump is cut short', async () => {
  const cut = await said({ token }, `Error: ${'x'.repeat(1990)}${token}`);
  expect(cut).not.toContain(token.slice(0, 6));
  const dump = await said({}, `Error: dump\n${Array.from({ length: 50 }, (_, index) => `line${index}: x`).join('\n')}`);
  expect(dump.split('\n')).toHaveLength(11);
  expect(dump).toMatch(/\(41 more lines\)$/);
});

test('what a chart renders is quoted without its values, too', async () => {
  for (const text of [`a: *${token}`, `token: ${token}`]) {
    const failure = await render(`echo '${text}'`, { token }).catch((error: Error) => error);
    expect(failure).toMatchObject({ code: 'invalid', message: expect.stringContaining('***') });
    expect(JSON.stringify([failure, (failure as Error).message, String((failure as Error).cause)])).not.toContain(token);
  }
});
