// The official tool's own chart and scripts on the lab, from a checkout that is named: whether the detector raises, of behaviour that is not ours,
// the alerts that its README names. Nothing of it is changed but what the lab's Debian images need to run it. Needs the lab up.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, env, exit, stderr, stdout } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { parseAllDocuments } from 'yaml';
import { sensor } from '../src/adapters/alert-sources/sensor.ts';
import { localFiles } from '../src/adapters/files.ts';
import { connectCluster } from '../src/adapters/kubernetes/connect.ts';
import { processRunner } from '../src/adapters/process.ts';
import { matchesEntry } from '../src/alerts/match.ts';
import { loadCatalogue } from '../src/commands/package-files.ts';
import { sourceWorld } from '../src/commands/source-world.ts';
import { labFacts } from '../src/lab/facts.ts';
import type { NormalisedAlert } from '../src/ports/alerts.ts';
import type { KubernetesObject } from '../src/ports/cluster.ts';

/** The alerts that the tool's README names for each scenario, as the catalogue calls them. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  webshell: ['web-shell-activity'],
  recon: ['web-shell-activity', 'suspicious-service-account-operation', 'network-scanning-tool', 'service-account-token-access'],
  'lateral-mov': ['web-shell-activity', 'cloud-metadata-access'],
  secrets: ['web-shell-activity', 'sensitive-files-access', 'secret-reconnaissance'],
  crypto: [
    'web-shell-activity',
    'cpu-optimization',
    'ld-so-preload-access',
    'crypto-miner-download',
    'digital-currency-mining',
    'drift-binary',
  ],
  'ti-domain': ['web-shell-activity', 'threat-intelligence-domain'],
};
const NAMESPACE = 'mdc-simulation';
const LIMIT = 180_000;

/** The scripts come by a volume, and Debian's PHP has its settings elsewhere and no user of nginx's own. */
const COMMANDS: Readonly<Record<string, string>> = {
  attacker: 'cp /src/* /simulation/ && cd /simulation && chmod +x attack.sh && exec ./attack.sh',
  victim: [
    'mkdir -p /run/php-fpm /var/log/php-fpm /var/lib/php/session',
    'cp /src/ws.php /var/www/html/',
    'rm -f /etc/php/*/fpm/pool.d/*',
    'for folder in /etc/php/*/fpm/pool.d; do cp /src/web.conf $folder/; done',
    '(echo "user nginx;"; cat /src/nginx.conf) > /etc/nginx/nginx.conf',
    'exec sh -c "php-fpm && nginx -g \'daemon off;\'"',
  ].join(' && '),
};
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  attacker: ['Images/attacker/src'],
  victim: ['Images/victim/src', 'Images/victim/cfg'],
};

const folder = argv[3];
if (folder === undefined) {
  stderr.write('npm run bench -- official FOLDER: a checkout of github.com/microsoft/Defender-for-Cloud-Attack-Simulation\n');
  exit(2);
}
const files = localFiles();
const lab = await labFacts(files, env);
const cluster = await connectCluster({ kubeconfig: lab.kubeconfig, context: undefined, env });
const catalogue = await loadCatalogue(files);
const signal = () => AbortSignal.timeout(LIMIT);

const ending = new AbortController();
const { world } = sourceWorld({ env, stderr: (text) => void stderr.write(text) }, async () => cluster);
const source = sensor.create({ name: 'sensor' }, world);
const alerts: NormalisedAlert[] = [];
let told = 0;
const events = await source.open({ id: 'official', namespace: NAMESPACE, since: Date.now() }, ending.signal);
void (async () => {
  for await (const event of events) {
    if (event.type === 'alert' && JSON.stringify(event.alert).includes(NAMESPACE)) alerts.push(event.alert);
    if (event.type === 'heartbeat') told = event.at;
  }
})();

async function objectsOf(scenario: string): Promise<KubernetesObject[]> {
  const chart = join(folder as string, 'charts/mdc-simulation');
  const settings = ['--set', `env.name=${NAMESPACE}`, '--set', `scenario=${scenario}`];
  const command: [string, ...string[]] = [lab.helm ?? 'helm', 'template', NAMESPACE, chart, ...settings];
  const rendered = await processRunner().run(command, { input: '', timeout: LIMIT, signal: signal() });
  if (rendered.exitCode !== 0) throw new Error(rendered.stderr);
  const objects = parseAllDocuments(rendered.stdout).flatMap((document) => (document.toJS() as KubernetesObject | null) ?? []);
  const scripts = Object.entries(SOURCES).map(([role, folders]) => {
    const paths = folders.flatMap((each) =>
      readdirSync(join(folder as string, each)).map((name) => [name, join(folder as string, each, name)]),
    );
    const data = Object.fromEntries(paths.map(([name, path]) => [name, readFileSync(path as string, 'utf8')]));
    return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `${role}-source`, namespace: NAMESPACE }, data };
  });
  const rank = (kind: string) => ['Namespace', 'ServiceAccount', 'ConfigMap', 'Service', 'Pod'].indexOf(kind);
  return [...objects.map(forTheLab), ...scripts].sort((a, b) => rank(a.kind) - rank(b.kind));
}

function forTheLab(object: KubernetesObject): KubernetesObject {
  const { metadata, spec } = object;
  if (object.kind === 'Namespace')
    return { ...object, metadata: { ...metadata, labels: { ...metadata.labels, 'kubesim.io/observe': '' } } };
  if (object.kind !== 'Pod') return object;
  const role = metadata.name?.split('-').at(-1) ?? '';
  const { containers, ...rest } = spec as { containers: object[] };
  return {
    ...object,
    spec: {
      ...rest,
      terminationGracePeriodSeconds: 1,
      volumes: [{ name: 'source', configMap: { name: `${role}-source` } }],
      containers: containers.map((container) => ({
        ...container,
        image: role === 'attacker' ? lab.images.attackerImage : lab.images.victimImage,
        imagePullPolicy: 'IfNotPresent',
        command: ['bash', '-c', COMMANDS[role]],
        volumeMounts: [{ name: 'source', mountPath: '/src' }],
      })),
    },
  };
}

/** Runs it to its last line; the alerts of that time. */
async function runScenario(scenario: string): Promise<NormalisedAlert[]> {
  const before = alerts.length;
  for (const object of await objectsOf(scenario)) await cluster.apply(object, {}, signal());
  try {
    const attacker = { namespace: NAMESPACE, name: 'mdc-simulation-attacker' };
    const isRunning = { apiVersion: 'v1', kind: 'Pod', namespace: NAMESPACE, fieldSelector: `metadata.name=${attacker.name}` };
    for await (const { object } of cluster.watch(isRunning, signal()))
      if (!['Pending', undefined].includes((object?.status as { phase?: string } | undefined)?.phase)) break;
    let last = '';
    for await (const line of cluster.logs(attacker, { follow: true, signal: signal() })) last = line;
    if (!last.includes('Simulation completed')) throw new Error(`${scenario} ended with: ${last}`);
    const ended = Date.now();
    while (told < ended && Date.now() - ended < LIMIT) await pause(100);
    return alerts.slice(before);
  } finally {
    await cluster.delete({ apiVersion: 'v1', kind: 'Namespace', name: NAMESPACE }, {}, signal());
    while ((await cluster.list({ apiVersion: 'v1', kind: 'Namespace', fieldSelector: `metadata.name=${NAMESPACE}` }, signal())).length > 0)
      await pause(200);
  }
}

const row = (...cells: (string | number)[]) => stdout.write(`| ${cells.join(' | ')} |\n`);
let missing = 0;
row('scenario', 'alert', 'raised by', 'ms after it happened');
row('---', '---', '---', '---');
for (const scenario of [...Object.keys(EXPECTED), 'all']) {
  const raised = await runScenario(scenario);
  for (const id of EXPECTED[scenario] ?? [...new Set(Object.values(EXPECTED).flat())]) {
    const entry = catalogue.get(id);
    const own = raised.filter((alert) => entry !== undefined && matchesEntry(entry, alert));
    if (own.length === 0) missing++;
    const delays = own.map(({ times }) => Math.round(times.seen - (times.last ?? times.seen)));
    row(
      scenario,
      id,
      [...new Set(own.map(({ name }) => name))].join(', ') || '**nothing**',
      own.length === 0 ? '' : Math.max(0, Math.min(...delays)),
    );
  }
}
ending.abort();
stdout.write(`\nnot raised: ${missing}\n`);
exit(missing === 0 ? 0 : 1);
