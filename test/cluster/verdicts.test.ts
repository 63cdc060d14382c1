// Each verdict on the real lab, where its cause is real, too: a sensor that is gone or stands still, a rule that is off, a program that is not there.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { env, kill } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectCluster } from '../../src/adapters/kubernetes/connect.ts';
import type { RunEvent, Verdict } from '../../src/engine/events.ts';
import type { Cluster } from '../../src/ports/cluster.ts';
import { type Finished, newState, root, sim, start } from './cli.ts';
import { describeOnLab, lab } from './lab-under-test.ts';
import { sleepingPod } from './pod.ts';
import { sensorProcess } from './sensor-process.ts';

const RECONNAISSANCE = ['web-shell-activity', 'suspicious-service-account-operation', 'network-scanning-tool'];

const eventsOf = (stdout: string): RunEvent[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RunEvent);

const verdictsOf = ({ stdout }: Finished): Verdict[] =>
  eventsOf(stdout).flatMap((event) => (event.type === 'verdict-reached' ? event.verdicts : []));

const outcomesOf = (finished: Finished) =>
  Object.fromEntries(verdictsOf(finished).map(({ expectation: { alert }, outcome }) => [alert, outcome]));

/** Why a run could not be. */
const problemOf = ({ stdout }: Finished) => eventsOf(stdout).flatMap((event) => (event.type === 'run-finished' ? [event.problem] : []))[0];

const run = (name: string, { args = [], state = newState() }: { args?: string[]; state?: string } = {}) =>
  start(['run', name, '--lab', '--yes', '--json', ...args], { SIM_STATE: state });

describeOnLab('verdicts', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await connectCluster({ kubeconfig: lab().kubeconfig, context: undefined, env: {} });
  });

  const configuration = (settings: string): string[] => {
    const file = join(newState(), 'config.yaml');
    writeFileSync(file, `apiVersion: kubesim/v1\nkind: Configuration\nalertSources:\n  - {name: lab, type: sensor${settings}}\n`);
    return ['--config', file];
  };

  /** A copy of a playbook that can be changed, with the files that it uses. */
  const changed = (name: string, change: (text: string) => string): string => {
    const folder = newState();
    mkdirSync(join(folder, 'charts'));
    cpSync(join(root, 'charts/simulation'), join(folder, 'charts/simulation'), { recursive: true });
    cpSync(join(root, 'playbooks/steps'), join(folder, 'playbooks/steps'), { recursive: true });
    const file = join(folder, 'playbooks', `${name}.yaml`);
    writeFileSync(file, change(readFileSync(join(root, 'playbooks', `${name}.yaml`), 'utf8')));
    return file;
  };

  test('a rule that is disabled: its alert alone is missed, and the miss says why', async () => {
    const args = configuration(', disabled: [cpu-optimization], window: 5s');
    const finished = await run('crypto-mining', { args }).finished;
    expect(outcomesOf(finished)).toEqual({
      'web-shell-activity': 'detected',
      'cpu-optimization': 'missed',
      'ld-so-preload-access': 'detected',
      'crypto-miner-download': 'detected',
      'drift-binary': 'detected',
    });
    expect(finished.code).toBe(1);
    const missed = verdictsOf(finished).find(({ outcome }) => outcome === 'missed');
    expect(missed?.explanations?.join('\n')).toContain('the settings disable: cpu-optimization');
  });

  test('rules of a folder of the operator, in place of those that ship', async () => {
    const folder = newState();
    cpSync(join(root, 'detections/network-scanner.yaml'), join(folder, 'network-scanner.yaml'));
    const finished = await run('reconnaissance', { args: configuration(`, rules: "${folder}", window: 5s`) }).finished;
    const [shell, account, scan] = RECONNAISSANCE as [string, string, string];
    expect(outcomesOf(finished)).toEqual({ [shell]: 'missed', [account]: 'missed', [scan]: 'detected' });
    expect(finished.code).toBe(1);
  });

  test('a rule that cannot be disabled, as there is none of its name', async () => {
    const finished = await run('web-shell', { args: configuration(', disabled: [network-scaner]') }).finished;
    expect(finished.code).toBe(3);
    expect(problemOf(finished)).toMatchObject({
      message: expect.stringContaining('no detection rule `network-scaner`'),
      hint: 'did you mean `network-scanner`?',
    });
  });

  test('a program that is not there: its attack is not executed, and no alert of it is missed', async () => {
    const file = changed('reconnaissance', (text) =>
      text.replace(/^(?= {2}- name: Scan)/m, '  - {name: Take nmap away, exec: {pod: victim, command: [chmod, a-x, /usr/bin/nmap]}}\n'),
    );
    const finished = await run(file).finished;
    const [shell, account, scan] = RECONNAISSANCE as [string, string, string];
    expect(outcomesOf(finished)).toEqual({ [shell]: 'detected', [account]: 'detected', [scan]: 'not-executed' });
    expect(finished.code).toBe(4);
  });

  test('two runs of one playbook at a time are each detected by alerts of their own', async () => {
    const finished = await Promise.all([run('reconnaissance'), run('reconnaissance')].map((each) => each.finished));
    const [mine, others] = finished.map((each) => verdictsOf(each).flatMap(({ evidence = [] }) => evidence.map(({ id }) => id)));
    for (const each of finished) {
      expect(outcomesOf(each)).toEqual(Object.fromEntries(RECONNAISSANCE.map((alert) => [alert, 'detected'])));
      expect(each.code).toBe(0);
    }
    expect(mine?.filter((id) => others?.includes(id))).toEqual([]);
  });

  test('a run that was detached is verified from another shell', async () => {
    const state = newState();
    const detached = await run('web-shell', { args: ['--detach'], state }).finished;
    expect(detached.code).toBe(0);
    expect(verdictsOf(detached)).toEqual([]);
    const [started] = eventsOf(detached.stdout);
    const id = started?.type === 'run-started' ? started.run.id : '';
    const verified = await sim(['verify', id, '--lab', '--output', 'json'], { SIM_STATE: state, HOME: newState() });
    expect(outcomesOf(verified)).toEqual({ 'web-shell-activity': 'detected' });
    expect(verified.code).toBe(0);
  });

  test("the lab's sensor is checked and followed without being configured", async () => {
    const file = join(newState(), 'config.yaml');
    writeFileSync(file, 'apiVersion: kubesim/v1\nkind: Configuration\n');
    const options = ['--lab', '--config', file];
    expect(await sim(['alerts', 'check', ...options])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^sensor .*\n +ok +Sensor/),
    });
    const tail = start(['alerts', 'tail', 'sensor', ...options]);
    await tail.saw('clock');
    const pod = await sleepingPod({ kubeconfig: lab().kubeconfig, image: lab().images.victimImage });
    try {
      await pod.shell('nmap -Pn -p 443 kubernetes.default/30');
      await tail.saw(new RegExp(`Network scanner.*pod=${pod.namespace}/pod`));
    } finally {
      await pod.remove();
    }
    tail.signal('SIGINT');
    expect(await tail.finished).toMatchObject({ code: 0 });
  });

  describe.runIf(env.SIM_LAB_DRIVER !== 'kind')('of a sensor that', () => {
    /** Stops it when the victim is there, until `until`. */
    const stopped = async (until: (finished: Promise<Finished>) => Promise<unknown>): Promise<Finished> => {
      const started = run('network-discovery');
      await started.saw('"type":"step-finished"');
      const pid = await sensorProcess(cluster);
      kill(pid, 'SIGSTOP');
      try {
        await until(started.finished);
      } finally {
        kill(pid, 'SIGCONT');
      }
      return await started.finished;
    };

    test('stands still for eight seconds of the attack: detected later, or unverified, but not missed', async () => {
      const finished = await stopped(() => pause(8000));
      const outcomes = verdictsOf(finished).map(({ outcome }) => outcome);
      expect(outcomes).toHaveLength(3);
      expect(outcomes.filter((outcome) => outcome !== 'detected' && outcome !== 'unverified')).toEqual([]);
      expect(finished.code).toBe(outcomes.includes('unverified') ? 4 : 0);
    });

    test('stands still until the end: unverified, for it says nothing', async () => {
      const finished = await stopped((end) => end);
      expect(verdictsOf(finished).map(({ outcome, reason }) => `${outcome}: ${reason}`)).toEqual(
        Array.from({ length: 3 }, () =>
          expect.stringMatching(/^unverified: sensor had a gap: the sensor on node \S+ (gave no heartbeat|is not ready)/),
        ),
      );
      expect(finished.code).toBe(4);
    });
  });

  describe('without a sensor', () => {
    beforeAll(async () => {
      expect(await sim(['lab', 'up', '--no-sensor'])).toMatchObject({ code: 0 });
    });
    afterAll(async () => {
      expect(await sim(['lab', 'up'])).toMatchObject({ code: 0 });
    });

    test('everything is unverified', async () => {
      const finished = await run('reconnaissance').finished;
      expect(verdictsOf(finished).map(({ outcome, reason }) => `${outcome}: ${reason}`)).toEqual(
        RECONNAISSANCE.map(() => 'unverified: no alert source is open that could see it'),
      );
      expect(finished.code).toBe(4);
    });

    test('one that is configured is looked for in vain before anything is attacked', async () => {
      const finished = await run('web-shell', { args: configuration('') }).finished;
      expect(finished.code).toBe(3);
      expect(problemOf(finished)).toMatchObject({ message: 'there is no sensor in the namespace kubesim-sensor' });
      expect(finished.stdout).not.toContain('"type":"step-started"');
    });
  });
});
