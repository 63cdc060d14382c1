import { expect, test } from 'vitest';
import { labCommand } from '../../src/commands/lab.ts';
import type { LabDriver, LabStatus } from '../../src/lab/driver.ts';

const up: LabStatus = {
  driver: 'native',
  state: 'up',
  cloud: 'aws',
  kubeconfig: '/k',
  sensor: 'ready',
  parts: [{ name: 'etcd', running: true }],
};

/** Runs `sim lab` over a driver that only remembers. */
async function runLab(args: string[], status: LabStatus = up) {
  const result = { code: 0, stdout: '', stderr: '', calls: [] as string[] };
  const driver: LabDriver = {
    name: 'native',
    async up({ cloud, sensor }, report) {
      result.calls.push(`up ${cloud}${sensor ? '' : ' without the sensor'}`);
      report({ type: 'start', stage: 'Node', seconds: 61 });
      report({ type: 'tick', stage: 'Node', seconds: 76, took: 15, line: 'still\u001b[2J there' });
      report({ type: 'note', stage: 'Node', seconds: 77, text: 'installing' });
      report({ type: 'end', stage: 'Node', seconds: 78, took: 17, note: 'cached' });
      return { version: 1, driver: 'native', kubeconfig: '/k', images: { attackerImage: 'a', victimImage: 'v' } };
    },
    down: async () => void result.calls.push('down'),
    purge: async () => void result.calls.push('purge'),
    status: async () => status,
  };
  const idle = new AbortController().signal;
  const command = labCommand(
    {
      env: {},
      stdout: (text) => {
        result.stdout += text;
      },
      stderr: (text) => {
        result.stderr += text;
      },
      readStdin: async () => new Uint8Array(),
      interactive: false,
      colour: false,
      errorColour: false,
      interrupt: idle,
      abandon: idle,
      setExitCode: (code) => {
        result.code = code;
      },
    },
    async (name) => {
      result.calls.push(`open ${name}`);
      return driver;
    },
  );
  for (const each of [command, ...command.commands]) each.exitOverride().configureOutput({ writeErr: () => {} });
  await command.parseAsync(args, { from: 'user' });
  return result;
}

test('up tells each stage with the time on stderr, and the path of the kubeconfig on stdout', async () => {
  const { stdout, stderr, calls } = await runLab(['up', '--cloud', 'gcp', '--driver', 'native']);
  expect(calls).toEqual(['open native', 'up gcp']);
  expect(stdout).toBe('/k\n');
  expect(stderr.split('\n').slice(0, 4)).toEqual([
    '01:01 > Node',
    '01:16 . Node: 15 s, still\uFFFD[2J there',
    '01:17 ! Node: installing',
    '01:18 ok Node: cached, 17.0 s',
  ]);
});

test('the sensor can be left out', async () => {
  expect((await runLab(['up', '--no-sensor'])).calls).toEqual(['open undefined', 'up azure without the sensor']);
});

test('down and purge', async () => {
  expect((await runLab(['down'])).calls).toEqual(['open undefined', 'down']);
  expect((await runLab(['purge'])).calls).toEqual(['open undefined', 'purge']);
});

test('status, as text and as JSON; the exit code says whether it is up', async () => {
  expect(await runLab(['status'])).toMatchObject({
    code: 0,
    stdout: 'up (native, plays aws)\nkubeconfig: /k\nsensor: ready\n  runs    etcd\n',
  });
  const { code, stdout } = await runLab(['status', '-o', 'json'], { ...up, state: 'partial' });
  expect(code).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({ version: 1, state: 'partial', parts: [{ name: 'etcd', running: true }] });
});

test('kubeconfig prints the path, and only where there is a lab', async () => {
  expect(await runLab(['kubeconfig'])).toMatchObject({ code: 0, stdout: '/k\n' });
  expect(await runLab(['kubeconfig'], { ...up, state: 'down' })).toMatchObject({ code: 3, stdout: '' });
});

test('an unknown cloud or driver is wrong usage', async () => {
  await expect(runLab(['up', '--cloud', 'oracle'])).rejects.toThrow(/Allowed choices are azure, aws, gcp/);
  await expect(runLab(['up', '--driver', 'podman'])).rejects.toThrow(/Allowed choices are native, kind/);
});
