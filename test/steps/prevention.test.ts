// When a step counts as prevented: where what the playbook names was seen, or another process provably killed the program.
import { expect, test } from 'vitest';
import type { ExecResult } from '../../src/ports/cluster.ts';
import { curl } from '../../src/steps/curl.ts';
import { exec } from '../../src/steps/exec.ts';
import { script } from '../../src/steps/script.ts';
import { readyPod, runStep, stepBench } from './context.ts';

const ENOUGH = 'low 0\noom 0\noom_kill 0\n';

/** A bench whose pod runs whatever `env` is asked for with this end; `counters`: what cat finds of the memory's counters. */
async function benchWith(end: Partial<ExecResult>, { counters = ENOUGH, status = {} }: { counters?: string; status?: object } = {}) {
  const bench = await stepBench({ pods: ['victim'] });
  bench.cluster.programs.set('env', () => end);
  bench.cluster.programs.set('sh', () => end);
  bench.cluster.programs.set('curl', () => end);
  bench.cluster.programs.set('cat', () => ({ stdout: counters, exitCode: 1 }));
  const pod = readyPod('victim');
  bench.cluster.put({ ...pod, status: { ...(pod.status as object), containerStatuses: [{ name: 'main', restartCount: 0 }], ...status } });
  return bench;
}

const drift = { by: 'binary drift blocking', exitCode: 126, stderr: { contains: 'denied' } };

test.for([
  ['all that it names was seen', { exitCode: 126, stderr: 'sh: ./xmrig: Permission denied\n' }, 'binary drift blocking'],
  ['a program that env could not become', { exitCode: 126, stderr: "env: './xmrig': Permission denied\n" }, 'binary drift blocking'],
  ['only a part was seen', { exitCode: 126, stderr: 'no\n' }, undefined],
  ['the effect is there all the same', { exitCode: 0, stderr: 'denied\n' }, undefined],
] as const)('exec, %s', async ([, end, by]) => {
  const bench = await benchWith(end);
  const { prevented } = await runStep(exec, { pod: 'victim', command: ['./xmrig'], prevented: drift }, bench);
  expect(prevented?.by).toBe(by);
  if (by !== undefined) expect(prevented?.evidence).toMatch(/^exitCode is 126, stderr is .*Permission denied$/);
});

test('what a long output says is cut', async () => {
  const bench = await benchWith({ exitCode: 1, stderr: `denied ${'x'.repeat(1000)}` });
  const { prevented } = await runStep(exec, { pod: 'victim', shell: 'id', prevented: { by: 'x', stderr: { contains: 'denied' } } }, bench);
  expect(prevented?.evidence.length).toBeLessThan(300);
});

test('curl: a connection that a network policy drops, as the playbook says', async () => {
  const bench = await benchWith({ exitCode: 28, stderr: 'curl: (28) Connection timed out after 2000 ms' });
  const body = { pod: 'victim', url: 'http://attacker/', prevented: { by: 'a network policy', error: { contains: 'timed out' } } };
  expect(await runStep(curl, body, bench)).toMatchObject({
    mismatches: ['curl: (28) Connection timed out after 2000 ms'],
    prevented: { by: 'a network policy', evidence: 'error is curl: (28) Connection timed out after 2000 ms' },
  });
});

const killed = { exitCode: 137 };

test('a program that another process killed was prevented', async () => {
  for (const [step, body] of [
    [exec, { pod: 'victim', command: ['./xmrig'] }],
    [script, { pod: 'victim', script: './xmrig\n' }],
  ] as const) {
    const { prevented } = await runStep(step, body, await benchWith(killed));
    expect(prevented).toEqual({
      by: 'something that killed its process',
      evidence: 'SIGKILL (exit code 137), and the container was not out of memory',
    });
  }
});

test.for([
  ['another exit code', { exitCode: 143 }, {}, './xmrig'],
  ['the container was out of memory', killed, { counters: 'oom_kill 1\n' }, './xmrig'],
  ['whether it was cannot be read', killed, { counters: '' }, './xmrig'],
  ['the container has started anew', killed, { status: { containerStatuses: [{ name: 'main', restartCount: 1 }] } }, './xmrig'],
  [
    'the container was killed',
    killed,
    { status: { containerStatuses: [{ name: 'main', lastState: { terminated: { reason: 'OOMKilled' } } }] } },
    './xmrig',
  ],
  ['nothing is known of the container', killed, { status: { containerStatuses: [] } }, './xmrig'],
  ['it kills itself', killed, {}, 'timeout -s KILL 1 ./xmrig'],
] as const)('not prevented: %s', async ([, end, change, shell]) => {
  const { prevented, mismatches } = await runStep(exec, { pod: 'victim', shell }, await benchWith(end, change));
  expect(prevented).toBeUndefined();
  expect(mismatches).not.toEqual([]);
});

test('cgroup v1 has its counter in a file of its own', async () => {
  const bench = await benchWith(killed, { counters: 'oom_kill_disable 0\nunder_oom 0\noom_kill 0\n' });
  expect((await runStep(exec, { pod: 'victim', command: ['./xmrig'] }, bench)).prevented?.by).toBe('something that killed its process');
});
