// Each scenario by the command line on the lab: every attack proved, every expected alert detected by its sensor, no secret seen, nothing left.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { connectCluster } from '../../src/adapters/kubernetes/connect.ts';
import type { RunEvent } from '../../src/engine/events.ts';
import type { Cluster } from '../../src/ports/cluster.ts';
import { modes } from '../playbooks/requests.ts';
import { scenarios } from '../playbooks/scenarios.ts';
import { logsIn, newState, root, sim } from './cli.ts';
import { inventory } from './inventory.ts';
import { describeOnLab, lab } from './lab-under-test.ts';

/** The id of its run stands in each line; the first has it with its namespace. */
type Line = RunEvent & { run: string | { id: string } };

const linesOf = (stdout: string): Line[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

/** "Scan the network: succeeded " of each attack step that was not skipped, with its problem where it has one. */
const attacksOf = (events: readonly RunEvent[]): string[] =>
  events.flatMap((event) =>
    event.type === 'step-finished' && event.step.attack.length > 0 && event.end.status !== 'skipped'
      ? [`${event.step.name}: ${event.end.status} ${event.end.problem?.message ?? ''}`]
      : [],
  );

/** "network-scanning-tool detected by sensor" of each expected alert; where it was not detected, why. */
const judgedOf = (events: readonly RunEvent[]): string[] => {
  const verdicts = events.flatMap((event) => (event.type === 'verdict-reached' ? event.verdicts : []));
  return verdicts.map(({ expectation: { alert }, outcome, evidence = [], reason }) => {
    const sources = [...new Set(evidence.map(({ source }) => source))];
    return outcome === 'detected' ? `${alert} detected by ${sources.join(', ')}` : `${alert} ${outcome}: ${reason}`;
  });
};

/**
 * What the lab's metadata service, the victim's files and the secrets of playbooks hold; and the beginning of every token, which is not in the midst of
 * a script in base64.
 */
const SECRETS = [/SIMLAB-CANARY-TOKEN/, /SIM-CANARY-SECRET/, /U0lNLUNBTkFSWS1TRUNSRV/, /user:pass/, /(?<![\w+/-])eyJ[\w-]{20,}/];

function expectNoSecret(texts: Readonly<Record<string, string>>): void {
  for (const [what, text] of Object.entries(texts)) for (const secret of SECRETS) expect(text, what).not.toMatch(secret);
}

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
      const events = linesOf(stdout);
      const attacks = attacksOf(events);
      expect(attacks.length).toBeGreaterThan(0);
      expect(attacks.filter((attack) => !attack.endsWith(': succeeded '))).toEqual([]);
      expect(judgedOf(events)).toEqual(alerts.map((alert) => `${alert} detected by sensor`));
      expect(code).toBe(0);
      expectNoSecret({ stdout, log: logsIn(state) });
      expect(await inventory(cluster)).toEqual(before);
    },
  );

  test('a run without a source ends with the alerts to look for, and where', async () => {
    const { code, stdout } = await sim(['run', 'web-shell', '--lab', '--yes', '--alerts', 'none'], { SIM_STATE: newState() });
    expect(code).toBe(4);
    expect(stdout).toContain('Possible Web Shell activity detected');
    expect(stdout).toMatch(/Defender for Cloud.*Security alerts/);
    expect(stdout).toMatch(/the namespace sim-[a-z0-9]{8}/);
    expect(stdout.indexOf('Verdict')).toBeLessThan(stdout.indexOf('Clean up'));
  });
});

const names = readdirSync(join(root, 'playbooks'))
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => name.slice(0, -'.yaml'.length));

describeOnLab('every playbook, several at a time', () => {
  let before: string[];
  let after: string[];
  let finished: { code: number | null; stdout: string; stderr: string };
  let log: string;
  let runs: Map<string, Line[]>;
  beforeAll(async () => {
    const cluster = await connectCluster({ kubeconfig: lab().kubeconfig, context: undefined, env: {} });
    const state = newState();
    before = await inventory(cluster);
    const args = ['run', '--all', '--lab', '--yes', '--json', '--parallel', '4', '--allow-risk', 'high'];
    finished = await sim(args, { SIM_STATE: state });
    after = await inventory(cluster);
    log = logsIn(state);
    const byRun = Map.groupBy(linesOf(finished.stdout), ({ run }) => (typeof run === 'string' ? run : run.id));
    runs = new Map(
      [...byRun.values()].map((lines) => [
        lines.flatMap((line) => (line.type === 'run-started' ? [line.playbook.name] : []))[0] ?? '',
        lines,
      ]),
    );
  }, 300_000);

  test('all of them ran', () => {
    expect({ code: finished.code, stderr: finished.stderr }).toEqual({ code: 0, stderr: '' });
    expect([...runs.keys()].sort()).toEqual([...names].sort());
  });

  test.each(names)('%s: every attack takes effect, every alert that is expected of them is detected, and nothing stays', (name) => {
    const events = runs.get(name) ?? [];
    const attacks = attacksOf(events);
    expect(attacks.length).toBeGreaterThan(0);
    expect(attacks.filter((attack) => !attack.endsWith(': succeeded '))).toEqual([]);
    const judged = judgedOf(events);
    expect(judged.length).toBeGreaterThan(0);
    expect(judged.filter((each) => !each.endsWith(' detected by sensor'))).toEqual([]);
    const removals = events.flatMap((event) => (event.type === 'object-removed' ? [event.removal] : []));
    expect(removals.filter(({ result }) => !['deleted', 'absent'].includes(result))).toEqual([]);
  });

  test('the cluster is as it was, and no secret is told', () => {
    expect(after).toEqual(before);
    expectNoSecret({ stdout: finished.stdout, log });
  });
});
