// What a run on the lab leaves to whoever reads it: a miss with its reasons and its evidence, several sources beside each other, a recording, the
// canary, and what the security team is told.
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectCluster } from '../../src/adapters/kubernetes/connect.ts';
import type { Announcement } from '../../src/engine/announcement.ts';
import type { RunEvent } from '../../src/engine/events.ts';
import type { Cluster } from '../../src/ports/cluster.ts';
import { newState, root, sim, start } from './cli.ts';
import { inventory } from './inventory.ts';
import { describeOnLab, lab } from './lab-under-test.ts';

const TOOL = 'Launch Suspicious Network Tool in Container';
const DRIFT = 'Drop and execute new binary in container';

/** Does what nobody would see, and expects an alert of it. */
const QUIET = `apiVersion: kubesim/v1
kind: Playbook
metadata: {name: quiet, title: Quiet, description: Nothing that anybody would see., risk: low}
inputs:
  attackerImage: {type: string, default: "a:1", description: Image of the pod}
steps:
  - name: Deploy a pod
    deploy:
      manifests:
        - apiVersion: v1
          kind: Pod
          metadata: {name: quiet, labels: {role: quiet}}
          spec:
            terminationGracePeriodSeconds: 0
            automountServiceAccountToken: false
            containers:
              - {name: main, image: "\${{ inputs.attackerImage }}", imagePullPolicy: IfNotPresent, command: [sleep, "600"]}
      roles: {quiet: {labels: {role: quiet}}}
  - name: Do nothing
    id: nothing
    attack: [T1609]
    exec: {pod: quiet, command: ["true"], expect: {exitCode: 0}}
  - expect-alert: {alert: network-scanning-tool, of: nothing}
`;

/** An alert as Falco writes it. */
const falcoLine = (rule: string, namespace: string, pod: string): string =>
  `${JSON.stringify({
    uuid: crypto.randomUUID(),
    rule,
    priority: 'Critical',
    time: new Date().toISOString(),
    output_fields: { 'k8s.ns.name': namespace, 'k8s.pod.name': pod },
  })}\n`;

interface Files {
  state: string;
  playbook: string;
  config: string;
  /** Path of the file that a source of this name reads. */
  alerts(source: string): string;
}

/** A playbook, a configuration with a file of Falco's alerts for each of the sources, and a state folder. */
function filesWith(...sources: string[]): Files {
  const folder = newState();
  const alerts = (source: string) => join(folder, `${source}.jsonl`);
  const entries = sources.map(
    (name) =>
      `  - {name: ${name}, type: file, path: ${alerts(name)}, product: falco, format: falco, capabilities: [process], window: 5s}\n`,
  );
  const config = join(folder, 'config.yaml');
  const list = entries.length === 0 ? 'alertSources: []\n' : `alertSources:\n${entries.join('')}`;
  writeFileSync(config, `apiVersion: kubesim/v1\nkind: Configuration\n${list}`, { mode: 0o600 });
  const playbook = join(folder, 'quiet.yaml');
  writeFileSync(playbook, QUIET);
  return { state: folder, playbook, config, alerts };
}

const runOf = (text: string): string => /namespace (sim-[a-z0-9]{8})/.exec(text)?.[1] ?? '';

describeOnLab('what a run tells', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await connectCluster({ kubeconfig: lab().kubeconfig, context: undefined, env: {} });
  });

  describe('a miss', () => {
    let stdout: string;
    let code: number | null;
    let folder: string;
    let namespace: string;
    beforeAll(async () => {
      const { state, playbook, config, alerts } = filesWith('soc', 'odd');
      writeFileSync(alerts('odd'), '{"hello": "world"}\n');
      const running = start(['run', playbook, '--lab', '--yes', '--config', config], { SIM_STATE: state });
      await running.saw('ok Do nothing');
      appendFileSync(alerts('soc'), falcoLine(TOOL, 'shop', 'cart-0'));
      ({ stdout, code } = await running.finished);
      namespace = runOf(stdout);
      folder = join(state, 'runs', namespace.replace('sim-', ''), 'evidence');
    }, 120_000);

    test('has its reasons, the likeliest first, each looked up', () => {
      expect(code).toBe(1);
      expect(stdout).toMatch(/missed +no alert came within [\d.]+ s from soc, odd, sensor/);
      const reasons = [...stdout.matchAll(/perhaps: (.*)/g)].map(([, reason]) => reason);
      expect(reasons[0]).toBe(`soc raised "${TOOL}" in the same time, but for the pod cart-0 in the namespace shop`);
      expect(reasons).toContainEqual(expect.stringMatching(/^odd, File: can be read: 0 alerts in its last 1 lines \(do the settings fit/));
      expect(reasons.filter((reason) => /the sensor of sensor is/.test(reason ?? ''))).toEqual([]);
    });

    test('has its evidence beside the log, for its owner alone, and named', () => {
      const names = readdirSync(folder);
      expect(names.length).toBeGreaterThanOrEqual(3);
      expect(stdout).toContain(`kept: ${folder}/: `);
      for (const name of names) {
        expect(statSync(join(folder, name)).mode & 0o777, name).toBe(0o600);
        expect(stdout).toContain(name);
      }
    });

    test('keeps how the pod was, and its events', () => {
      const { pods, events } = JSON.parse(readFileSync(join(folder, 'pods.json'), 'utf8'));
      expect(pods).toMatchObject([{ namespace, name: 'quiet', phase: 'Running', node: expect.any(String) }]);
      expect(events.map(({ reason }: { reason: string }) => reason)).toEqual(expect.arrayContaining(['Scheduled', 'Started']));
    });

    test("keeps what the sensor saw of the attack, and the audit log's part", () => {
      const read = (end: string) => readFileSync(join(folder, readdirSync(folder).find((name) => name.endsWith(end)) ?? ''), 'utf8');
      const processes = read('-sensor.log')
        .split('\n')
        .filter((line) => line.includes(namespace));
      expect(processes.some((line) => line.includes('"true"'))).toBe(true);
      const exec = read('-audit.log')
        .split('\n')
        .filter((line) => line.includes(`/api/v1/namespaces/${namespace}/pods/quiet/exec`));
      expect(exec).not.toEqual([]);
    });
  });

  test('what is detected leaves no evidence', async () => {
    const { state } = filesWith();
    const { code } = await sim(['doctor', '--canary', '--lab', '--yes'], { SIM_STATE: state });
    expect(code).toBe(0);
    const [run = ''] = readdirSync(join(state, 'runs'));
    expect(existsSync(join(state, 'runs', run, 'evidence'))).toBe(false);
  });

  test('the canary waits for each source, and says how fast its alert came', async () => {
    const before = await inventory(cluster);
    const { state, config, alerts } = filesWith('soc', 'silent');
    const running = start(['doctor', '--canary', '--lab', '--yes', '--config', config], { SIM_STATE: state });
    await running.saw('ok Run a copy of echo');
    const [run = ''] = readdirSync(join(state, 'runs'));
    appendFileSync(alerts('soc'), falcoLine(DRIFT, `sim-${run}`, 'workload'));
    const { code, stdout, stderr } = await running.finished;
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    const lines = stdout.slice(stdout.lastIndexOf('Canary\n')).split('\n');
    expect(lines.slice(1, 4)).toEqual([
      expect.stringMatching(/^ {2}soc +detected after .*"Drop and execute new binary in container"$/),
      expect.stringMatching(/^ {2}silent +missed +no alert came/),
      expect.stringMatching(/^ {2}sensor +detected after \d+ ms +"Program that is not part of the image"$/),
    ]);
    expect(await inventory(cluster)).toEqual(before);
  });

  test('several sources stand beside each other, in words and for programs', async () => {
    const { state, config, alerts } = filesWith('soc', 'silent');
    const args = ['run', join(root, 'playbooks/checks/canary.yaml'), '--lab', '--yes', '--keep-until-alerts', '--config', config];
    const running = start([...args, '--json'], { SIM_STATE: state });
    await running.saw('"type":"alerts-expected"');
    const [run = ''] = readdirSync(join(state, 'runs'));
    appendFileSync(alerts('soc'), falcoLine(DRIFT, `sim-${run}`, 'workload'));
    const { stdout } = await running.finished;
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as RunEvent);
    const verdicts = events.flatMap((event) => (event.type === 'verdict-reached' ? event.verdicts : []));
    expect(verdicts.map(({ bySource }) => bySource?.map(({ source, state: told }) => `${source}: ${told}`))).toEqual([
      // Of the test alert nobody but Defender for Cloud tells.
      ['soc: cannot see', 'silent: cannot see', 'sensor: cannot see'],
      [expect.stringMatching(/^soc: (seen|not yet)$/), 'silent: not yet', 'sensor: seen'],
    ]);
    const text = await sim(args, { SIM_STATE: newState() });
    expect(text.stdout).toMatch(/^Alerts by source +soc +silent +sensor$/m);
    expect(text.stdout).toMatch(/^ {2}A drift binary detected executing in the container +not yet +not yet +\d+ ms$/m);
  });

  test('a recording has what the rules found in the run, and no secret', async () => {
    const { state } = filesWith();
    const file = join(state, 'run.jsonl');
    const run = await sim(['run', 'reconnaissance', '--lab', '--yes', '--json', '--record', file], { SIM_STATE: state });
    expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: '' });
    const events = run.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as RunEvent);
    const seen = new Set(events.flatMap((event) => (event.type === 'alert-seen' && event.rung !== undefined ? [event.name] : [])));
    expect(seen.size).toBeGreaterThan(3);
    const found = await sim(['detect', file, '-o', 'json']);
    expect(found.code).toBe(1);
    const namespace = events.flatMap((event) => (event.type === 'run-started' ? [event.run.namespace] : []))[0] ?? '';
    const { findings } = JSON.parse(found.stdout) as { findings: { rule: { title: string } }[] };
    const ofRun = findings.filter((finding) => JSON.stringify(finding).includes(namespace)).map(({ rule }) => rule.title);
    expect(new Set(ofRun)).toEqual(seen);
    // A token of a service account; other JSON in base64 begins so, too.
    expect(readFileSync(file, 'utf8').match(/\beyJ[\w-]{8,}\.[\w-]{8,}/g) ?? []).toEqual([]);
    expect(statSync(file).mode & 0o777).toBe(0o600);

    const again = await sim(['run', 'reconnaissance', '--lab', '--yes', '--record', file], { SIM_STATE: state });
    expect({ code: again.code, stderr: again.stderr }).toEqual({ code: 2, stderr: expect.stringContaining('exists already') });
    const without = await sim(['run', 'reconnaissance', '--lab', '--yes', '--alerts', 'none', '--record', `${file}.2`], {
      SIM_STATE: state,
    });
    expect({ code: without.code, stderr: without.stderr }).toEqual({ code: 2, stderr: expect.stringContaining('none is read') });
    expect(existsSync(`${file}.2`)).toBe(false);
  });

  test('sim doctor looks at the sources that a run would read; one that fails fails it', async () => {
    const { config, alerts } = filesWith('soc');
    const well = await sim(['doctor', 'web-shell', '--lab', '--config', config]);
    expect(well.code).toBe(0);
    expect(well.stdout).toMatch(/^ok +Alert sources +soc \(falco, proof: real software\): File: /m);
    // Other tests may have made it lose events, which is a warning.
    expect(well.stdout).toMatch(
      /^(ok|warn) +Alert sources +sensor \(proof: real software\): Sensor: on node \S+ watches: process, file, network/m,
    );
    writeFileSync(config, readFileSync(config, 'utf8').replace(alerts('soc'), '/no/such/folder/alerts.jsonl'));
    const broken = await sim(['doctor', 'web-shell', '--lab', '--config', config]);
    expect(broken.code).toBe(1);
    expect(broken.stdout).toMatch(/^fail +Alert sources +soc /m);
  });
});

describeOnLab('the security team', () => {
  const told: Announcement[] = [];
  let server: http.Server;
  let cluster: Cluster;
  const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  beforeAll(async () => {
    cluster = await connectCluster({ kubeconfig: lab().kubeconfig, context: undefined, env: {} });
    server = http.createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      told.push(JSON.parse(Buffer.concat(chunks).toString()));
      response.writeHead(204).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => void server?.close());

  test('is told of a run before it and after it, and whoever finds its namespace can read the same', async () => {
    const { state, playbook, config } = filesWith();
    const env = { SIM_STATE: state, SIM_OPERATOR: 'red-team@example.com' };
    const run = await sim(['run', playbook, '--lab', '--yes', '--alerts', 'none', '--keep', '--announce', address()], env);
    expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 4, stderr: '' });
    const name = runOf(run.stdout);
    try {
      expect(told.map(({ event, operator, run: { namespace } }) => ({ event, operator, namespace }))).toEqual([
        { event: 'run-starting', operator: 'red-team@example.com', namespace: name },
        { event: 'run-finished', operator: 'red-team@example.com', namespace: name },
      ]);
      expect(told[1]?.outcomes).toEqual({ unverified: 1 });
      const namespace = await cluster.get({ apiVersion: 'v1', kind: 'Namespace', name }, AbortSignal.timeout(10_000));
      expect(namespace?.metadata.annotations).toMatchObject({
        'kubesim.io/operator': 'red-team@example.com',
        'kubesim.io/expected-until': told[0]?.window.to,
        'kubesim.io/purpose': expect.stringContaining('attack simulation'),
      });
    } finally {
      expect(
        (await sim(['cleanup', '--run', name.replace('sim-', ''), '--lab', '--yes'], { SIM_STATE: state, SIM_CONFIG: config })).code,
      ).toBe(0);
    }
  });

  test('that cannot be told keeps the run from beginning', async () => {
    const before = await inventory(cluster);
    const { state, playbook } = filesWith();
    const closed = http.createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const args = ['run', playbook, '--lab', '--yes', '--announce', `http://127.0.0.1:${port}/secret-path`];
    const { code, stdout, stderr } = await sim(args, { SIM_STATE: state });
    expect(code).toBe(3);
    expect(stderr).toContain(`127.0.0.1:${port} cannot be told`);
    expect(stdout + stderr).not.toContain('secret-path');
    expect(existsSync(join(state, 'runs'))).toBe(false);
    expect(await inventory(cluster)).toEqual(before);
  });
});
