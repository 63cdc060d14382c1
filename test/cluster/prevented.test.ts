// A control that kills what it does not like, on a real cluster: the attack is prevented, not missed; one that had no memory is neither.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newState, sim } from './cli.ts';
import { describeOnLab, lab } from './lab-under-test.ts';

/** A pod whose second container watches the programs of the first. `{}` in `watch` is the number of a process. */
const playbookOf = (image: string, watch: string, limits: string, attack: string): string => `apiVersion: kubesim/v1
kind: Playbook
metadata: {name: watched, title: Watched}
steps:
  - name: Deploy a pod
    timeout: 60s
    deploy:
      manifests:
        - apiVersion: v1
          kind: Pod
          metadata: {name: probe, labels: {role: probe}}
          spec:
            terminationGracePeriodSeconds: 0
            shareProcessNamespace: true
            containers:
              - {name: main, image: "${image}", imagePullPolicy: IfNotPresent, command: [sleep, "3600"]${limits}}
              - name: watcher
                image: "${image}"
                imagePullPolicy: IfNotPresent
                command:
                  - sh
                  - -c
                  - 'while sleep 0.05; do for it in /proc/[0-9]*; do case "$(cat $it/comm 2> /dev/null)" in ${watch}) kill -9 \${it#/proc/} ;; esac; done; done'
      roles: {probe: {labels: {role: probe}, container: main}}
  - name: Run the miner
    attack: [T1496.001]
    continueOnError: true
    exec:
      pod: probe
      shell: '${attack}'
      expect: {stdout: {contains: mined}}
  - expect-alert: {alert: digital-currency-mining}
`;

describeOnLab('a control that kills', () => {
  const run = async (watch: string, limits: string, attack: string) => {
    const file = join(newState(), 'watched.yaml');
    writeFileSync(file, playbookOf(lab().images.victimImage, watch, limits, attack));
    return await sim(['run', file, '--lab', '--yes'], { SIM_STATE: newState() });
  };

  test('a watcher that kills ./xmrig: prevented', async () => {
    const { code, stdout } = await run('xmrig', '', 'cp /bin/sleep /tmp/xmrig; cd /tmp; ./xmrig 20 && echo mined');
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/prevented Run the miner/) });
    expect(stdout).toMatch(
      /prevented +stopped by something that killed its process: SIGKILL \(exit code 137\), and the container was not out of memory/,
    );
  });

  test('a watcher that kills something else: the attack ran, and is detected', async () => {
    const { code, stdout } = await run('nothing', '', 'cp /bin/sleep /tmp/xmrig; cd /tmp; ./xmrig 1 && echo mined');
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/ detected after .* by sensor/) });
  });

  test('a container without memory: not executed', async () => {
    const limits = ', resources: {limits: {memory: 32Mi}}';
    const { code, stdout } = await run('nothing', limits, 'head -c 200000000 /dev/zero | tail > /dev/null && echo mined');
    expect({ code, stdout }).toEqual({ code: 4, stdout: expect.stringMatching(/not executed Run the miner.*\n.*exitCode.*`137`/) });
  });
});
