// Each scenario to its verdict and to cleaned up, as a user runs it, beside the floor of the same minute.
// Needs the lab up. SIM_BENCH_ROUNDS: how often.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { argv, env, execPath, exit, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { localFiles } from '../src/adapters/files.ts';
import { helmCharts } from '../src/adapters/helm.ts';
import { connectCluster } from '../src/adapters/kubernetes/connect.ts';
import { processRunner } from '../src/adapters/process.ts';
import type { RunEvent } from '../src/engine/events.ts';
import { labFacts } from '../src/lab/facts.ts';
import type { Cluster, KubernetesObject } from '../src/ports/cluster.ts';
import { readPlaybook, requestsOf } from '../test/playbooks/requests.ts';
import { scenarios } from '../test/playbooks/scenarios.ts';
import { floorOf, type Times } from './floor.ts';

const ROUNDS = Number(env.SIM_BENCH_ROUNDS ?? 3);
/**
 * Seconds of the official tool, start to cleaned up: its own scripts and chart on this lab's Debian images with bash as sh (with dash its
 * victim ignores SIGTERM, and each run takes half a minute longer). Measured once each on two cores, beside other work.
 */
const OFFICIAL: Readonly<Record<string, number>> = {
  reconnaissance: 21.4,
  'lateral-movement': 18.1,
  'secrets-gathering': 18.3,
  'crypto-mining': 20.0,
  'web-shell': 17.8,
  'threat-intelligence-domain': 17.9,
};

const root = fileURLToPath(new URL('..', import.meta.url));
const lab = await labFacts(localFiles(), env);
const cluster = await connectCluster({ kubeconfig: lab.kubeconfig, context: undefined, env });
const charts = helmCharts({ process: processRunner(), env, ...(lab.helm === undefined ? {} : { binary: lab.helm }) });

/** One run of the command, from the start of its process. */
async function simTimes(name: string): Promise<Times> {
  const started = Date.now();
  const child = spawn(execPath, [`${root}bin/sim.js`, 'run', name, '--lab', '--yes', '--json', '--allow-unverified'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve) => child.on('exit', resolve));
  if (code !== 0) throw new Error(`sim run ${name}: exit ${code}\n${text.slice(-2000)}`);
  const events = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RunEvent);
  const at = (type: RunEvent['type']) => (events.find((event) => event.type === type) as { at: number }).at - started;
  return { verdict: at('verdict-reached'), cleaned: at('cleanup-finished') };
}

async function floorTimes(name: string): Promise<Times> {
  const id = randomBytes(4).toString('hex');
  const token = randomBytes(16).toString('hex');
  const image = (repository: string) => ({ repository, tag: '' });
  const objects: KubernetesObject[] = await charts.render(
    {
      chart: `${root}charts/simulation`,
      release: 'bench',
      namespace: `sim-${id}`,
      values: {
        runId: id,
        webShell: { token },
        images: { attacker: image(lab.images.attackerImage), victim: image(lab.images.victimImage) },
      },
    },
    AbortSignal.timeout(60_000),
  );
  return await floorOf(cluster as Cluster, `sim-${id}`, objects, requestsOf(readPlaybook(name), 'split', { id, token }));
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const seconds = (milliseconds: number) => (milliseconds / 1000).toFixed(2);

stdout.write(`median of ${ROUNDS}, floor and sim in turn; seconds, and sim / floor\n\n`);
stdout.write(
  '| scenario | verdict: floor | sim | ratio | cleaned up: floor | sim | ratio | official tool |\n|---|---|---|---|---|---|---|---|\n',
);
let worst = 0;
const wanted = argv.slice(2);
for (const { name } of scenarios.filter((each) => wanted.length === 0 || wanted.includes(each.name))) {
  const floor: Times[] = [];
  const sim: Times[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    floor.push(await floorTimes(name));
    sim.push(await simTimes(name));
  }
  const cells = (['verdict', 'cleaned'] as const).flatMap((what) => {
    const [low, own] = [floor, sim].map((times) => median(times.map((each) => each[what]))) as [number, number];
    worst = Math.max(worst, own / low);
    return [seconds(low), seconds(own), (own / low).toFixed(2)];
  });
  stdout.write(`| ${[name, ...cells, OFFICIAL[name]].join(' | ')} |\n`);
}
stdout.write(`\nworst ratio: ${worst.toFixed(2)}\n`);
exit(0);
