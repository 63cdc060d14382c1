// A run on the real lab whose alert comes from the real Alertmanager, as Falcosidekick would have handed it in.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { RunEvent } from '../../src/engine/events.ts';
import { answering, borrowed, describeWithPackages, freePort, newFolder, startBorrowed } from '../products/borrowed.ts';
import { newState, start } from './cli.ts';
import { describeOnLab } from './lab-under-test.ts';

describeOnLab('a run on the lab', () => {
  describeWithPackages('and the Alertmanager of Debian', () => {
    let url: string;
    let configuration: string;

    beforeAll(async () => {
      const packages = await borrowed('prometheus', 'prometheus-alertmanager');
      const folder = newFolder();
      const port = await freePort();
      url = `http://127.0.0.1:${port}`;
      writeFileSync(join(folder, 'alertmanager.yml'), 'route: {receiver: nobody}\nreceivers: [{name: nobody}]\n');
      const options = ['--config.file=alertmanager.yml', '--storage.path=am', `--web.listen-address=127.0.0.1:${port}`];
      const { log } = startBorrowed(packages, 'prometheus-alertmanager', [...options, '--cluster.listen-address='], folder);
      await answering(`${url}/-/ready`, log);
      configuration = join(folder, 'config.yaml');
      const source = `{name: am, type: alertmanager, url: "${url}", product: falco, interval: 500ms, window: 10s}`;
      writeFileSync(configuration, `apiVersion: kubesim/v1\nkind: Configuration\nalertSources: [${source}]\n`);
    });

    const post = async (labels: Record<string, string>) => {
      const response = await fetch(`${url}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify([{ labels }]),
      });
      expect(response.status).toBe(200);
    };

    /** Runs web-shell; once the attack has ended, the alert is raised in the namespace that `place` makes of the run's. */
    const runWith = async (place: (namespace: string) => string) => {
      const args = ['run', 'web-shell', '--lab', '--yes', '--json', '--config', configuration, '--alerts', 'am'];
      const run = start(args, { SIM_STATE: newState() });
      const namespace = await run.saw(/"namespace":"(sim-[a-z0-9]{8})"/);
      await run.saw(/"type":"step-finished","at":\d+,"step":\{[^}]*"attack":\["/);
      await post({ alertname: 'Web Server Spawned Shell', severity: 'critical', k8s_ns_name: place(namespace), k8s_pod_name: 'victim' });
      const { code, stdout } = await run.finished;
      const events = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as RunEvent);
      return { code, verdicts: events.flatMap((event) => (event.type === 'verdict-reached' ? event.verdicts : [])) };
    };

    test('is detected by an alert that names its namespace', async () => {
      const { code, verdicts } = await runWith((namespace) => namespace);
      expect(verdicts).toMatchObject([
        {
          expectation: { alert: 'web-shell-activity' },
          outcome: 'detected',
          evidence: [{ source: 'am', name: 'Web Server Spawned Shell', rung: 'namespace' }],
        },
      ]);
      expect(code).toBe(0);
    });

    test('is not detected by the alert of another one', async () => {
      const { code, verdicts } = await runWith(() => 'sim-00000000');
      expect(verdicts).toMatchObject([{ outcome: 'missed', reason: expect.stringContaining('from am') }]);
      expect(verdicts[0]?.explanations?.join('\n')).toContain('for the pod victim in the namespace sim-00000000');
      expect(code).toBe(1);
    });
  });
});
