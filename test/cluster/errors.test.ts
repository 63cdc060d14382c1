// Everything that commonly goes wrong, on a real cluster: which exit code it is, and that the words say what, where and what to do.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { connectCluster } from '../../src/adapters/kubernetes/connect.ts';
import type { Cluster, KubernetesObject } from '../../src/ports/cluster.ts';
import { newState, sim } from './cli.ts';
import { inventory } from './inventory.ts';
import { describeOnLab, lab } from './lab-under-test.ts';
import { playbookWith } from './playbooks.ts';

describeOnLab('what commonly goes wrong', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await connectCluster({ kubeconfig: lab().kubeconfig, context: undefined, env: {} });
  });

  const write = (name: string, text: string): string => {
    const file = join(newState(), name);
    writeFileSync(file, text);
    return file;
  };
  const kubeconfigWith = (change: (config: { clusters: { cluster: object }[]; users: { user: object }[] }) => void): string => {
    const config = parse(readFileSync(lab().kubeconfig, 'utf8'));
    change(config);
    return write('kubeconfig', stringify(config));
  };
  const doctor = (args: string[], env: Record<string, string | undefined> = {}) => sim(['doctor', ...args], env);
  const run = (args: string[], env: Record<string, string | undefined> = {}) => sim(['run', 'web-shell', '--yes', ...args], env);

  test('no kubeconfig', async () => {
    const { code, stderr } = await doctor([], { KUBECONFIG: undefined, HOME: newState() });
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringMatching(/no kubeconfig: .*config" does not exist\n.*--kubeconfig.*--lab/),
    });
  });

  test('an unknown context, with the nearest one', async () => {
    const [context] = (parse(readFileSync(lab().kubeconfig, 'utf8')) as { contexts: { name: string }[] }).contexts;
    const { code, stderr } = await run(['--kubeconfig', lab().kubeconfig, '--context', `${context?.name}x`]);
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringMatching(new RegExp(`no context .*\n.*Did you mean "${context?.name}"`)),
    });
  });

  test('a cluster that does not answer', async () => {
    const kubeconfig = kubeconfigWith(({ clusters }) => Object.assign(clusters[0]?.cluster ?? {}, { server: 'https://127.0.0.1:9' }));
    const { code, stderr } = await run(['--kubeconfig', kubeconfig]);
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringMatching(/https:\/\/127\.0\.0\.1:9/) });
    const told = await doctor(['--kubeconfig', kubeconfig]);
    expect(told).toMatchObject({ code: 3, stdout: expect.stringMatching(/^fail +API server .*127\.0\.0\.1:9/m) });
    expect(told.stdout).toMatch(/^(ok|fail) +Helm/m);
  });

  test.each([
    ['no right credentials', () => 'not-a-token'],
    [
      'an expired token',
      () => `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"exp":1}').toString('base64url')}.x`,
    ],
  ])('%s', async (what, token) => {
    const kubeconfig = kubeconfigWith(({ users }) => {
      for (const entry of users) entry.user = { token: token() };
    });
    const { code, stderr } = await run(['--kubeconfig', kubeconfig]);
    expect(code).toBe(3);
    expect(stderr).toMatch(what.includes('expired') ? /expired/i : /credentials|unauthori[sz]ed|401/i);
    expect(stderr).not.toContain(token());
  });

  test('a login program that is missing', async () => {
    const kubeconfig = kubeconfigWith(({ users }) => {
      for (const entry of users)
        entry.user = { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'no-such-login', interactiveMode: 'Never' } };
    });
    const { code, stderr } = await run(['--kubeconfig', kubeconfig]);
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringMatching(/"no-such-login", which cannot be started/) });
  });

  test('no helm', async () => {
    const environment = { PATH: '/nonexistent', SIM_HELM: undefined };
    const { code, stderr } = await run(['--kubeconfig', lab().kubeconfig], environment);
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringMatching(/helm is not on PATH.*\n.*SIM_HELM/) });
    const told = await doctor(['--kubeconfig', lab().kubeconfig], environment);
    expect(told).toMatchObject({ code: 1, stdout: expect.stringMatching(/fail +Helm +helm is not on PATH/) });
  });

  test('a broken chart', async () => {
    const folder = newState();
    mkdirSync(join(folder, 'chart/templates'), { recursive: true });
    writeFileSync(join(folder, 'chart/Chart.yaml'), 'apiVersion: v2\nname: broken\nversion: 1.0.0\n');
    writeFileSync(join(folder, 'chart/templates/a.yaml'), '{{ .Values.no.such }}\n');
    const file = join(folder, 'broken.yaml');
    writeFileSync(
      file,
      'apiVersion: kubesim/v1\nkind: Playbook\nmetadata: {name: broken, title: Broken}\nsteps:\n  - deploy: {chart: chart}\n',
    );
    const { code, stderr } = await sim(['run', file, '--lab', '--yes']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/broken\.yaml: chart .*nil pointer/s) });
  });

  const runProbe = async (steps: string, { image = lab().images.victimImage, pod = '' } = {}) => {
    const before = await inventory(cluster);
    const finished = await sim(['run', write('probe.yaml', playbookWith(image, steps, pod)), '--lab', '--yes'], { SIM_STATE: newState() });
    expect(await inventory(cluster)).toEqual(before);
    return finished;
  };
  const attack = (body: string, more = '') =>
    `  - {name: Attack, id: attack, attack: [T1046]${more}, exec: ${body}}\n  - expect-alert: {alert: network-scanning-tool, of: attack}\n`;

  test('an image that cannot be pulled: fails fast, with the reason', async () => {
    const { code, stdout } = await runProbe('', { image: 'registry.invalid/no-such-image:1' });
    expect({ code, stdout }).toEqual({
      code: 3,
      stdout: expect.stringMatching(/failed Deploy a pod.*\n.*(ErrImagePull|ImagePullBackOff)/),
    });
  });

  test("a pod that no node takes: fails with the scheduler's reason", async () => {
    const { code, stdout } = await runProbe('', { pod: 'nodeSelector: {no-such: label}' });
    expect({ code, stdout }).toEqual({
      code: 3,
      stdout: expect.stringMatching(/failed Deploy a pod.*\n.*[Uu]nschedulable.*didn't match Pod's node affinity/s),
    });
  });

  test('a program that the pod does not have: not executed, never missed', async () => {
    const { code, stdout } = await runProbe(attack('{pod: probe, command: [no-such-program]}'));
    expect({ code, stdout }).toEqual({
      code: 4,
      stdout: expect.stringMatching(/not executed Attack T1046.*\n.*"no-such-program" does not exist/),
    });
    expect(stdout).toMatch(/Network scanning tool detected +not-executed/);
  });

  test('an expectation that fails: expected and actual', async () => {
    const { code, stdout } = await runProbe(attack('{pod: probe, command: [echo, closed], expect: {stdout: {contains: open}}}'));
    expect({ code, stdout }).toEqual({
      code: 4,
      stdout: expect.stringContaining('stdout: expected to contain `open`, but got `closed'),
    });
  });

  test('a step whose time is up: the process in the pod is ended, and it says how', async () => {
    const { code, stdout } = await runProbe(
      `${attack('{pod: probe, shell: "sleep 3599 & wait"}', ', timeout: 2s, continueOnError: true')}  - {name: Look, exec: {pod: probe, shell: "cat /proc/[0-9]*/cmdline | tr -d '\\\\0'", expect: {stdout: {cel: "!value.contains('sleep3599')"}}}}\n`,
    );
    expect({ code, stdout }).toEqual({ code: 4, stdout: expect.stringMatching(/it did not end within 2 s.*ended by a second exec/) });
    expect(stdout).toContain('ok Look');
  });

  test('an admission policy that refuses the pods: prevented, and named', async () => {
    const signal = AbortSignal.timeout(120_000);
    const policies: KubernetesObject[] = [
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingAdmissionPolicy',
        metadata: { name: 'no-probes.kubesim.test' },
        spec: {
          failurePolicy: 'Fail',
          matchConstraints: { resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }] },
          validations: [
            {
              expression: '!has(object.metadata.labels) || object.metadata.labels.?role.orValue("") != "probe"',
              message: 'probes are not welcome',
            },
          ],
        },
      },
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingAdmissionPolicyBinding',
        metadata: { name: 'no-probes.kubesim.test' },
        spec: { policyName: 'no-probes.kubesim.test', validationActions: ['Deny'] },
      },
    ];
    const probe = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'probe', namespace: 'default', labels: { role: 'probe' } },
      spec: { containers: [{ name: 'a', image: 'a' }] },
    };
    try {
      for (const policy of policies) await cluster.apply(policy, {}, signal);
      // The API server takes a moment to enforce a new policy.
      while (
        await cluster.apply(probe, { dryRun: true }, signal).then(
          () => true,
          () => false,
        )
      )
        await new Promise((resolve) => setTimeout(resolve, 100));
      const { code, stdout } = await runProbe(attack('{pod: probe, command: [echo]}'));
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/prevented Deploy a pod.*\n.*probes are not welcome/) });
      expect(stdout).toMatch(/Network scanning tool detected +prevented +stopped by .*no-probes\.kubesim\.test/);
    } finally {
      for (const { apiVersion, kind, metadata } of policies)
        await cluster.delete({ apiVersion, kind, name: metadata.name ?? '' }, {}, signal);
    }
  });

  test('a protected cluster is refused, unless a flag that the log records', async () => {
    const signal = AbortSignal.timeout(120_000);
    const mark = (annotations: Record<string, string>) =>
      cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system', annotations } }, { force: true }, signal);
    await mark({ 'kubesim.io/protected': 'payments' });
    try {
      const refused = await sim(['run', 'web-shell', '--lab', '--yes']);
      expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/refusing to attack .*payments\n.*--allow-protected/) });
      const { code, stdout } = await sim(['run', 'web-shell', '--lab', '--yes', '--json', '--allow-unverified', '--allow-protected'], {
        SIM_STATE: newState(),
      });
      expect(code).toBe(0);
      expect(JSON.parse(stdout.split('\n')[0] ?? '')).toMatchObject({ overrides: [expect.stringContaining('payments')] });
    } finally {
      await mark({});
    }
  });

  test.each([
    [['run', 'reconaissance', '--lab', '--yes'], /no playbook `reconaissance`\n.*did you mean `reconnaissance`/],
    [['run', 'web-shell'], /needs --yes and a cluster named by/],
    [['run', '--lab', '--yes'], /name a playbook, or say --all/],
    [['run', 'web-shell', '--set', 'mod=split', '--lab', '--yes'], /no input is named `mod`: did you mean `mode`/],
    [['run', 'web-shell', '--set', 'mode=loud', '--lab', '--yes'], /`mode` must be one of `split`, `faithful`/],
    [['runn'], /unknown command 'runn'\n.*run/],
    [['run', '--al'], /unknown option '--al'\n.*--all/],
    [['run', 'web-shell', '--parallel', '0'], /must be a number from 1 to 99/],
    [['run', 'web-shell', '--lab', '--context', 'x'], /cannot be used with/],
  ])('sim %j is a usage error', async (args, words) => {
    const { code, stderr } = await sim(args);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(words) });
  });
});
