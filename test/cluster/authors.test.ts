// What authors use, on the lab: `sim plan --diff` changes nothing and names who denies; what `sim new` writes runs.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectCluster } from '../../src/adapters/kubernetes/connect.ts';
import type { Cluster } from '../../src/ports/cluster.ts';
import { templates } from '../../src/reference/templates.ts';
import { newState, sim } from './cli.ts';
import { inventory } from './inventory.ts';
import { describeOnLab, lab } from './lab-under-test.ts';

const strict = 'sim-test-strict';
const signal = () => AbortSignal.timeout(60_000);

describeOnLab('sim plan --diff', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await connectCluster({ kubeconfig: lab().kubeconfig, context: undefined, env: {} });
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: strict, labels } }, {}, signal());
  });
  afterAll(async () => {
    await cluster.delete({ apiVersion: 'v1', kind: 'Namespace', name: strict }, {}, signal());
  });

  test('tries every object of the chart, and changes nothing', async () => {
    const before = await inventory(cluster);
    const { code, stdout, stderr } = await sim(['plan', 'reconnaissance', '--diff', '--lab']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const object of ['Namespace sim-xxxxxxxx', 'Pod attacker', 'Pod victim', 'Service victim'])
      expect(stdout).toContain(`  + created   ${object}\n`);
    expect(stdout).not.toMatch(/denied|failed/);
    expect(await inventory(cluster)).toEqual(before);
  });

  test('where a policy denies, it is named, and the exit code is 1', async () => {
    const { code, stdout } = await sim(['plan', 'reconnaissance', '--diff', '--lab', '-n', strict]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ {2}! denied {4}Pod victim: by .*restricted/m);
    expect(stdout).toContain('  + created   ConfigMap victim\n');
  });
});

describeOnLab('sim new', () => {
  // The images that the lab has: nothing is pulled there.
  const images: Record<string, string[]> = { minimal: ['image=simlab/victim:1'], 'control-plane': ['image=simlab/attacker:1'] };

  test.each(Object.keys(templates))('the template %s runs, its attack is detected, and nothing stays', async (template) => {
    const folder = newState();
    const file = join(folder, 'playbooks', 'mine.yaml');
    expect((await sim(['new', 'mine', '-t', template, '-o', file])).code).toBe(0);
    const settings = (images[template] ?? []).flatMap((setting) => ['--set', setting]);
    const { code, stdout } = await sim(['run', file, '--lab', '--yes', ...settings], { XDG_STATE_HOME: join(folder, 'state') });
    expect(stdout).toMatch(/^ {2}\S.* detected after .* by sensor/m);
    expect({ code, left: /left behind/.test(stdout) }, stdout).toEqual({ code: 0, left: false });
  });
});
