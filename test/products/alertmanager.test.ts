// The real Alertmanager, with a real Prometheus that raises alerts in it: their own behaviour, not our picture of it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { alertmanager } from '../../src/adapters/alert-sources/alertmanager.ts';
import { webhook } from '../../src/adapters/alert-sources/webhook.ts';
import { systemClock } from '../../src/adapters/clock.ts';
import { testWorld } from '../adapters/alert-sources/world.ts';
import { start } from '../cluster/cli.ts';
import { watch } from '../contract/alert-source.ts';
import { answering, borrowed, describeWithPackages, freePort, newFolder, startBorrowed } from './borrowed.ts';

describeWithPackages('Alertmanager and Prometheus of Debian', () => {
  let url: string;
  let prometheus: string;
  let folder: string;
  let hook: { port: number; url: string };
  const rules = (expression: string) => `
groups:
  - name: sim
    interval: 100ms
    rules:
      - alert: ShellInContainer
        expr: ${expression}
        labels: {severity: critical, namespace: sim-1, pod: victim, tags: T1059}
        annotations: {summary: A shell was started}
`;
  const world = testWorld(systemClock());

  beforeAll(async () => {
    const packages = await borrowed('prometheus', 'prometheus-alertmanager');
    folder = newFolder();
    const [alertmanagerPort, prometheusPort] = [await freePort(), await freePort()];
    url = `http://127.0.0.1:${alertmanagerPort}`;
    prometheus = `http://127.0.0.1:${prometheusPort}`;
    const hookPort = await freePort();
    hook = { port: hookPort, url: `http://127.0.0.1:${hookPort}/the-token-of-the-run` };
    writeFileSync(
      join(folder, 'alertmanager.yml'),
      `route: {receiver: sim, group_wait: 0s, group_interval: 1s}\nreceivers: [{name: sim, webhook_configs: [{url: "${hook.url}", send_resolved: true}]}]\n`,
    );
    writeFileSync(join(folder, 'rules.yml'), rules('vector(1) > 1'));
    writeFileSync(
      join(folder, 'prometheus.yml'),
      `global: {evaluation_interval: 100ms}
rule_files: [rules.yml]
alerting: {alertmanagers: [{static_configs: [{targets: ['127.0.0.1:${alertmanagerPort}']}]}]}
`,
    );
    const am = startBorrowed(
      packages,
      'prometheus-alertmanager',
      [
        '--config.file=alertmanager.yml',
        '--storage.path=am',
        `--web.listen-address=127.0.0.1:${alertmanagerPort}`,
        '--cluster.listen-address=',
      ],
      folder,
    );
    const prom = startBorrowed(
      packages,
      'prometheus',
      [
        '--config.file=prometheus.yml',
        '--storage.tsdb.path=tsdb',
        `--web.listen-address=127.0.0.1:${prometheusPort}`,
        '--web.enable-lifecycle',
        '--rules.alert.resend-delay=500ms',
      ],
      folder,
    );
    await answering(`${url}/-/ready`, am.log);
    await answering(`${prometheus}/-/ready`, prom.log);
  });

  const setRule = async (expression: string) => {
    writeFileSync(join(folder, 'rules.yml'), rules(expression));
    expect((await fetch(`${prometheus}/-/reload`, { method: 'POST' })).status).toBe(200);
  };

  test('`sim alerts tail` shows an alert that a rule fires while it watches', async () => {
    const config = join(folder, 'config.yaml');
    writeFileSync(
      config,
      `apiVersion: kubesim/v1\nkind: Configuration\nalertSources:\n  - {name: am, type: alertmanager, url: "${url}", interval: 500ms}\n`,
    );
    const { code, stdout } = await start(['alerts', 'check', '--config', config]).finished;
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('can be read: 0 alerts') });
    const tail = start(['alerts', 'tail', 'am', '--config', config]);
    await setRule('vector(1)');
    await tail.saw('ShellInContainer');
    tail.signal('SIGINT');
    const ended = await tail.finished;
    expect(ended.code).toBe(0);
    expect(ended.stdout).toMatch(/^\S+Z {2}critical {6}.*ShellInContainer.* {2}type=- {2}pod=sim-1\/victim$/m);
  });

  test('one that fires already is the baseline, is no news while it fires on, and is news when it fires again', async () => {
    await setRule('vector(1)');
    const source = alertmanager.create({ name: 'am', url, interval: '500ms' } as Parameters<typeof alertmanager.create>[0], world);
    const firing = async () => ((await (await fetch(`${url}/api/v2/alerts`)).json()) as unknown[]).length;
    await expect.poll(firing, { timeout: 30_000 }).toBe(1);
    const watcher = await watch(source, Date.now());
    const before = await watcher.alert('ShellInContainer');
    expect(before).toMatchObject({
      baseline: true,
      severity: 'critical',
      techniques: ['T1059'],
      entities: { namespace: 'sim-1', pod: 'victim' },
    });
    await watcher.heartbeat();
    await setRule('vector(1) > 1');
    await expect.poll(firing, { timeout: 30_000 }).toBe(0);
    await watcher.heartbeat();
    await setRule('vector(1)');
    const again = await watcher.alert('ShellInContainer');
    expect(again.id).toBe(before.id);
    expect(again.baseline).toBeUndefined();
    expect(again.times.first).toBeGreaterThan(before.times.first ?? 0);
    await watcher.stop();
  });

  test('what its webhook receiver posts is read by the source `webhook`', async () => {
    await setRule('vector(1) > 1');
    const settings = { name: 'hook', port: hook.port, token: { fromEnv: 'HOOK' }, format: 'alertmanager' };
    const source = webhook.create(settings as Parameters<typeof webhook.create>[0], {
      ...world,
      secret: async () => 'the-token-of-the-run',
    });
    const watcher = await watch(source, Date.now());
    await setRule('vector(1)');
    const told = await watcher.alert('ShellInContainer');
    expect(told).toMatchObject({ severity: 'critical', techniques: ['T1059'], entities: { namespace: 'sim-1', pod: 'victim' } });
    await watcher.heartbeat();
    await watcher.stop();
  });
});
