// However a run ends, what it made goes: by itself, by a later command, from its log or from the cluster alone.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { connectCluster } from '../../src/adapters/kubernetes/connect.ts';
import type { Cluster } from '../../src/ports/cluster.ts';
import { newState, sim, start } from './cli.ts';
import { inventory } from './inventory.ts';
import { describeOnLab, lab } from './lab-under-test.ts';
import { waitingPlaybook } from './playbooks.ts';

describeOnLab('an interrupted run', () => {
  let cluster: Cluster;
  let playbook: string;
  beforeAll(async () => {
    cluster = await connectCluster({ kubeconfig: lab().kubeconfig, context: undefined, env: {} });
    playbook = join(newState(), 'waiting.yaml');
    writeFileSync(playbook, waitingPlaybook(lab().images.victimImage));
  });
  const run = (state: string) => start(['run', playbook, '--lab', '--yes'], { SIM_STATE: state });
  const idIn = (stdout: string): string => /run ([a-z0-9]+), namespace/.exec(stdout)?.[1] ?? 'none';

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('by %s cleans up once, exit 130', async (signal) => {
    const before = await inventory(cluster);
    const running = run(newState());
    await running.saw('waiting 1h');
    running.signal(signal);
    const { code, stdout } = await running.finished;
    expect(stdout).toContain('once more to leave at once');
    expect(stdout).toContain('Clean up');
    expect(code).toBe(130);
    expect(await inventory(cluster)).toEqual(before);
  });

  test('twice prints the command that cleans up later, and that command does', async () => {
    const before = await inventory(cluster);
    const state = newState();
    const running = run(state);
    await running.saw('waiting 1h');
    running.signal('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 50));
    running.signal('SIGINT');
    const { code, stdout, stderr } = await running.finished;
    expect(code).toBe(130);
    const id = idIn(stdout);
    expect(stderr).toContain(`sim cleanup --run ${id} --lab`);
    const cleaned = await sim(['cleanup', '--run', id, '--lab', '--yes'], { SIM_STATE: state });
    expect(cleaned).toMatchObject({ code: 0, stderr: '' });
    expect(await inventory(cluster)).toEqual(before);
    const again = await sim(['cleanup', '--run', id, '--lab', '--yes'], { SIM_STATE: state });
    expect(again).toMatchObject({ code: 0, stdout: `${id}: nothing was left\n` });
  });

  test('by SIGKILL leaves what the cluster alone tells apart: another machine cleans up', async () => {
    const before = await inventory(cluster);
    const running = run(newState());
    await running.saw('waiting 1h');
    running.signal('SIGKILL');
    await running.finished;
    const listed = await sim(['cleanup', '--lab'], { SIM_STATE: newState() });
    expect(listed).toMatchObject({ code: 5, stdout: expect.stringContaining('runs with objects on') });
    const cleaned = await sim(['cleanup', '--all', '--lab', '--yes', '-o', 'json'], { SIM_STATE: newState() });
    expect(cleaned.code).toBe(0);
    expect(JSON.parse(cleaned.stdout)).toMatchObject({
      removals: expect.arrayContaining([expect.objectContaining({ result: 'deleted' })]),
    });
    expect(await inventory(cluster)).toEqual(before);
  });

  test('is not mistaken for a namespace that somebody only labelled like one', async () => {
    const signal = AbortSignal.timeout(60_000);
    const labels = { 'app.kubernetes.io/managed-by': 'kubesim', 'app.kubernetes.io/instance': 'lookalike' };
    const namespace = { apiVersion: 'v1', kind: 'Namespace', name: 'sim-lookalike' };
    await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'sim-lookalike', labels } }, {}, signal);
    try {
      expect(await sim(['cleanup', '--all', '--lab', '--yes'], { SIM_STATE: newState() })).toMatchObject({ code: 0 });
      expect(await sim(['cleanup', '--run', 'lookalike', '--lab', '--yes'], { SIM_STATE: newState() })).toMatchObject({ code: 2 });
      expect(await cluster.get(namespace, signal)).toBeDefined();
    } finally {
      await cluster.delete(namespace, {}, signal);
    }
  });

  test('--keep leaves everything, and says how to remove it', async () => {
    const state = newState();
    const { code, stdout } = await sim(['run', 'web-shell', '--lab', '--yes', '--keep', '--allow-unverified'], { SIM_STATE: state });
    expect(code).toBe(0);
    const id = /sim cleanup --run ([a-z0-9]+) --lab/.exec(stdout)?.[1] ?? '';
    expect(
      await cluster.get({ apiVersion: 'v1', kind: 'Pod', namespace: `sim-${id}`, name: 'victim' }, AbortSignal.timeout(10_000)),
    ).toBeDefined();
    expect(await sim(['cleanup', '--run', id, '--lab', '--yes'], { SIM_STATE: state })).toMatchObject({ code: 0 });
  });
});
