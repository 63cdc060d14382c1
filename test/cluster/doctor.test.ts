// `sim doctor` on the lab: as its administrator, and as somebody who may do almost nothing.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { connectCluster } from '../../src/adapters/kubernetes/connect.ts';
import type { Cluster } from '../../src/ports/cluster.ts';
import { newState, sim } from './cli.ts';
import { inventory } from './inventory.ts';
import { describeOnLab, lab } from './lab-under-test.ts';

describeOnLab('sim doctor', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await connectCluster({ kubeconfig: lab().kubeconfig, context: undefined, env: {} });
  });

  test('finds everything in order but the Defender sensor, and changes nothing', async () => {
    const before = await inventory(cluster);
    const { code, stdout, stderr } = await sim(['doctor', '--lab']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    // Other tests may have made the sensor lose events, which is a warning.
    const wrong = stdout.split('\n').filter((line) => /^(warn|fail|unknown)/.test(line) && !/ [1-9]\d* events lost/.test(line));
    expect(wrong).toEqual([expect.stringMatching(/^warn +Defender sensor/)]);
    expect(stdout).toMatch(/^ok +API server +.*v1\.34\.4/m);
    expect(stdout).toMatch(/^ok +Helm +4\.\d+\.\d+ at /m);
    expect(stdout).toMatch(/^ok +Permissions +all \d+ permissions/m);
    expect(await inventory(cluster)).toEqual(before);
  });

  test('-o json tells the same to programs', async () => {
    const { code, stdout } = await sim(['doctor', 'web-shell', '--lab', '-o', 'json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      checks: expect.arrayContaining([{ id: 'helm', title: 'Helm', lines: [expect.objectContaining({ status: 'ok' })] }]),
    });
  });

  test('names each permission that is missing, and a run without them ends in words', async () => {
    const signal = AbortSignal.timeout(60_000);
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'sim-test-nobody', namespace: 'default' } };
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'sim-test-nobody', namespace: 'default', annotations: { 'kubernetes.io/service-account.name': 'sim-test-nobody' } },
      type: 'kubernetes.io/service-account-token',
    };
    await cluster.apply(account, {}, signal);
    await cluster.apply(secret, {}, signal);
    try {
      let token = '';
      for await (const { object } of cluster.watch(
        { apiVersion: 'v1', kind: 'Secret', namespace: 'default', fieldSelector: 'metadata.name=sim-test-nobody' },
        signal,
      )) {
        token = Buffer.from((object?.data as { token?: string } | undefined)?.token ?? '', 'base64').toString();
        if (token !== '') break;
      }
      const config = parse(readFileSync(lab().kubeconfig, 'utf8')) as { users: { user: object }[] };
      for (const user of config.users) user.user = { token };
      const kubeconfig = join(newState(), 'nobody');
      writeFileSync(kubeconfig, stringify(config));
      const { code, stdout } = await sim(['doctor', '--kubeconfig', kubeconfig], { SIM_HELM: lab().helm });
      expect(code).toBe(1);
      expect(stdout).toMatch(/^fail +Permissions +create namespaces is not allowed/m);
      expect(stdout).toMatch(/^fail +Permissions +create pods\/exec in a namespace of a run is not allowed/m);
      expect(stdout).toMatch(/^unknown +Nodes/m);
      const run = await sim(['run', 'web-shell', '--kubeconfig', kubeconfig, '--yes'], { SIM_HELM: lab().helm, SIM_STATE: newState() });
      expect({ code: run.code, stdout: run.stdout }).toEqual({ code: 3, stdout: expect.stringMatching(/may not|forbidden/i) });
      expect(run.stdout).toContain('is marked as protected is not known');
      expect(run.stdout + run.stderr + stdout).not.toContain(token.slice(0, 30));
    } finally {
      for (const { apiVersion, kind, metadata } of [secret, account]) await cluster.delete({ apiVersion, kind, ...metadata }, {}, signal);
    }
  });
});
