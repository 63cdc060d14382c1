// Each scenario by the command line on the lab: every attack proved, every expected alert told, no secret seen, nothing left.
import { beforeAll, expect, test } from 'vitest';
import { connectCluster } from '../../src/adapters/kubernetes/connect.ts';
import type { RunEvent } from '../../src/engine/events.ts';
import type { Cluster } from '../../src/ports/cluster.ts';
import { modes } from '../playbooks/requests.ts';
import { scenarios } from '../playbooks/scenarios.ts';
import { logsIn, newState, sim } from './cli.ts';
import { inventory } from './inventory.ts';
import { describeOnLab, lab } from './lab-under-test.ts';

/** Every fake token of the lab's metadata service holds it. */
const CANARY = 'SIMLAB-CANARY-TOKEN';

describeOnLab('the six scenarios', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await connectCluster({ kubeconfig: lab().kubeconfig, context: undefined, env: {} });
  });

  test.each(scenarios.flatMap(({ name, alerts }) => modes.map((mode) => ({ name, mode, alerts }))))(
    '$name, $mode',
    async ({ name, mode, alerts }) => {
      const before = await inventory(cluster);
      const state = newState();
      const { code, stdout, stderr } = await sim(['run', name, '--lab', '--yes', '--json', '--set', `mode=${mode}`], { SIM_STATE: state });
      expect(stderr).toBe('');
      const events = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as RunEvent & { run: unknown });
      const steps = events.flatMap((event) => (event.type === 'step-finished' ? [event] : []));
      const attacks = steps.filter(({ step, end }) => step.attack.length > 0 && end.status !== 'skipped');
      expect(attacks.length).toBeGreaterThan(0);
      expect(attacks.map(({ step, end }) => `${step.name}: ${end.status} ${end.problem?.message ?? ''}`)).toEqual(
        attacks.map(({ step }) => `${step.name}: succeeded `),
      );
      const verdicts = events.flatMap((event) => (event.type === 'verdict-reached' ? event.verdicts : []));
      expect(verdicts.map(({ expectation, outcome }) => `${expectation.alert} ${outcome}`)).toEqual(
        alerts.map((alert) => `${alert} unverified`),
      );
      expect(code).toBe(4);
      for (const [what, text] of Object.entries({ stdout, log: logsIn(state) })) {
        expect(text, what).not.toContain(CANARY);
        expect(text, what).not.toMatch(/eyJ[\w-]{20,}/);
        expect(text, what).not.toContain('user:pass');
      }
      expect(await inventory(cluster)).toEqual(before);
    },
  );

  test('all at once, without a trace of each other', async () => {
    const before = await inventory(cluster);
    const { code, stdout } = await sim(['run', '--all', '--lab', '--yes', '--parallel', '3', '--allow-unverified'], {
      SIM_STATE: newState(),
    });
    expect(stdout).not.toMatch(/not executed|failed|left behind/);
    expect(stdout.match(/exit 0/g)).toHaveLength(scenarios.length);
    expect(code).toBe(0);
    expect(await inventory(cluster)).toEqual(before);
  });

  test('a run without a source ends with the alerts to look for, and where', async () => {
    const { code, stdout } = await sim(['run', 'web-shell', '--lab', '--yes'], { SIM_STATE: newState() });
    expect(code).toBe(4);
    expect(stdout).toContain('Possible Web Shell activity detected');
    expect(stdout).toMatch(/Defender for Cloud.*Security alerts/);
    expect(stdout).toMatch(/the namespace sim-[a-z0-9]{8}/);
    expect(stdout.indexOf('Verdict')).toBeLessThan(stdout.indexOf('Clean up'));
  });
});
