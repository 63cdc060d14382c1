// The life of a second native lab beside the one under test: started, broken, interrupted, ended; and what it leaves, which is nothing.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { env, kill } from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labWorld } from '../../src/commands/lab-world.ts';
import type { LabDriver, LabEvent } from '../../src/lab/driver.ts';
import { recordPath } from '../../src/lab/facts.ts';
import { labFolders } from '../../src/lab/folders.ts';
import { nativeDriver } from '../../src/lab/native/driver.ts';
import { sim, start } from './cli.ts';
import { describeOnLab, lab } from './lab-under-test.ts';
import { sleepingPod } from './pod.ts';

const never = new AbortController().signal;
const silent = () => {};
const state = `${labFolders(env).state}-life-test`;
const ownEnvironment = { ...env, SIM_LAB_STATE: state };
const { name, cache } = labFolders(ownEnvironment);

/** All that a lab could leave behind on this machine. */
function traces() {
  const processes = readdirSync('/proc').filter((id) => {
    try {
      return /^\d+$/.test(id) && readFileSync(`/proc/${id}/cmdline`, 'utf8').includes(state);
    } catch {
      return false;
    }
  });
  const folder = (path: string) => (existsSync(path) ? readdirSync(path).sort() : 'absent');
  // Cgroups of other labs may go while find walks over them: it says so, and ends with 1.
  const { stdout: cgroups } = spawnSync('find', ['/sys/fs/cgroup', '-path', `*/${name}*`], { encoding: 'utf8' });
  return {
    processes,
    cgroups,
    mounts: readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .filter((line) => line.includes(basename(state))),
    links: folder('/sys/class/net'),
    namespaces: folder('/run/netns'),
    kubelet: folder('/var/lib/kubelet'),
    cni: folder('/var/lib/cni'),
    state: folder(state),
    // Its locks. What others do in that folder is theirs.
    beside: readdirSync(dirname(state)).filter((entry) => entry.startsWith(basename(state))),
  };
}

describeOnLab('a native lab from its beginning to its end', () => {
  describe.runIf(isNative())('beside another', () => {
    let driver: LabDriver;
    let before: ReturnType<typeof traces>;
    const up = (signal = never, report: (event: LabEvent) => void = silent) => driver.up({ cloud: 'gcp' }, report, signal);
    beforeAll(async () => {
      driver = nativeDriver(labWorld(ownEnvironment));
      await driver.down(silent, never);
      before = traces();
    }, 60_000);
    afterAll(async () => {
      await driver.down(silent, never);
      rmSync(join(cache, `containers-${name}`), { recursive: true, force: true });
    }, 60_000);

    test('with a pod in it, it ends without a trace; the other lab goes on', async () => {
      const { kubeconfig } = await up();
      expect(kubeconfig).not.toBe(lab().kubeconfig);
      expect((await driver.status()).state).toBe('up');
      const pod = await sleepingPod({ kubeconfig, image: lab().images.victimImage });
      expect((await pod.shell('curl -s http://169.254.169.254/')).exitCode).toBe(0);
      expect(traces().processes.length).toBeGreaterThan(5);
      await driver.down(silent, never);
      expect(traces()).toEqual(before);
      expect(await driver.status()).toMatchObject({ state: 'down' });
      const other = await sleepingPod({ kubeconfig: lab().kubeconfig, image: lab().images.victimImage });
      await other.remove();
    });

    test('a component that was killed is started again, and no other', async () => {
      await up();
      const pids = () => Object.fromEntries(['etcd', 'kubelet', 'coredns'].map((part) => [part, processOf(part)]));
      const first = pids();
      kill(processOf('coredns'), 'SIGKILL');
      await expect.poll(async () => (await driver.status()).state).toBe('partial');
      await up();
      expect({ ...pids(), coredns: 0 }).toEqual({ ...first, coredns: 0 });
      expect(processOf('coredns')).not.toBe(first.coredns);
      expect((await driver.status()).state).toBe('up');
    });

    test('without its first process it begins anew, and old containers do not come back', async () => {
      const { kubeconfig } = await up();
      const pod = await sleepingPod({ kubeconfig, image: lab().images.victimImage });
      const containers = () => {
        const connection = ['--address', join(state, 'run/containerd.sock'), '--namespace', 'k8s.io'];
        const listed = execFileSync(join(state, 'bin/tools/usr/bin/ctr'), [...connection, 'containers', 'list', '--quiet'], {
          encoding: 'utf8',
        });
        return listed.split('\n').filter((id) => id !== '');
      };
      const old = containers();
      // As after a restart of the machine: nothing of the lab runs, and everything that it wrote is there.
      for (const part of ['kubelet', 'containerd', 'kube-apiserver', 'namespaces']) kill(processOf(part), 'SIGKILL');
      await up();
      const again = containers();
      expect(old.length).toBeGreaterThan(0);
      expect(again.filter((id) => old.includes(id))).toEqual([]);
      await expect(pod.shell('true')).rejects.toThrow();
    });

    test('its first process ends while up works on it: it begins anew', async () => {
      const first = processOf('namespaces');
      const notes: string[] = [];
      await up(never, (event) => {
        // The lab has been looked at by then, and its first process was there.
        if (event.type === 'start' && event.stage === 'Packages' && notes.length === 0) kill(first, 'SIGKILL');
        if (event.type === 'note') notes.push(event.text);
      });
      expect(notes).toEqual(['the first process of the lab has ended: beginning anew']);
      expect(processOf('namespaces')).not.toBe(first);
      expect((await driver.status()).state).toBe('up');
    });

    test.each(['Namespaces', 'Container runtime', 'Control plane', 'Node', 'Load victim'])(
      'interrupted at "%s": down leaves nothing, and up works',
      async (stage) => {
        await driver.down(silent, never);
        const stop = new AbortController();
        await expect(
          up(stop.signal, (event) => {
            if (event.type === 'start' && event.stage === stage) setTimeout(() => stop.abort(new Error('Ctrl-C')), 20);
          }),
        ).rejects.toMatchObject({ code: 'interrupted' });
        if (stage === 'Node') {
          await up();
          expect((await driver.status()).state).toBe('up');
        }
        await driver.down(silent, never);
        expect(traces()).toEqual(before);
      },
    );

    test.each(['Namespaces', 'Control plane', 'Node'])('killed at "%s": down leaves nothing, and may be said twice', async (stage) => {
      const upward = start(['lab', 'up', '--driver=native'], ownEnvironment);
      await upward.saw(`> ${stage}\n`);
      upward.signal('SIGKILL');
      await upward.finished;
      for (let time = 0; time < 2; time++) {
        expect(await sim(['lab', 'down', '--driver=native'], ownEnvironment)).toMatchObject({ code: 0 });
        expect(traces()).toEqual(before);
      }
    });

    test('two at once take turns', async () => {
      mkdirSync(dirname(state), { recursive: true });
      const notes: string[] = [];
      const told = (event: LabEvent) => void (event.type === 'note' && notes.push(event.text));
      await Promise.all([up(never, told), up(never, told)]);
      expect(notes.filter((text) => text.startsWith('waiting for process'))).toHaveLength(1);
      expect((await driver.status()).state).toBe('up');
      await driver.down(silent, never);
      expect(traces()).toEqual(before);
    });
  });
});

function processOf(part: string): number {
  return JSON.parse(readFileSync(join(state, 'run', `${part}.json`), 'utf8')).pid;
}

function isNative(): boolean {
  try {
    return JSON.parse(readFileSync(recordPath(env), 'utf8')).driver === 'native';
  } catch {
    return false;
  }
}
